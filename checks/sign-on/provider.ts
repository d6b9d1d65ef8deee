import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import * as openid from "openid-client";
import { InfraError } from "../../lib/errors.ts";
import { present } from "../../lib/present.ts";
import type { CheckContext } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { askEntry } from "../http/entry-request.ts";
import type { ProbeRequest } from "../probe.ts";
import { step } from "./said.ts";
import type { SignOn } from "./sign-on.ts";

/** A provider as a client has discovered it. */
export interface Known {
  config: openid.Configuration;
  /** That it publishes. */
  keys: JWTVerifyGetKey;
  /** The same once more, for a client with another secret. */
  discover: (secret: string) => Promise<openid.Configuration>;
}

/** Finds an identity provider by its issuer, and reads the keys that it publishes. @throws CheckFailure */
export async function knownProvider(context: CheckContext, { issuer, client, secret }: SignOn): Promise<Known> {
  const ask = throughEntry(context);
  const discover = (key: string) =>
    step("discovery", openid.discovery(new URL(issuer), client, key, undefined, { [openid.customFetch]: ask }));
  const config = await discover(secret);
  const { jwks_uri = "" } = config.serverMetadata();
  const published = await step(
    "keys",
    ask(jwks_uri, { method: "GET", headers: {}, body: undefined, redirect: "manual" }),
  );
  return { config, keys: createLocalJWKSet((await published.json()) as JSONWebKeySet), discover };
}

/** Asks as users do, and trusts whom they trust. */
function throughEntry({ entry, signal }: CheckContext): openid.CustomFetch {
  return async (url, { method, headers, body }) => {
    const way = present(entry, "the node's Traefik");
    const text = body === undefined || body === null ? undefined : String(body);
    const answer = await askEntry(
      way,
      { url, method: method as ProbeRequest["method"], headers, body: text, timeoutSeconds: 30 },
      signal,
    );
    if (answer.refused === "connection") throw new InfraError(answer.error ?? "Traefik does not answer");
    if (answer.error) throw new CheckFailure(`${new URL(url).pathname}: ${answer.error}`);
    const pairs = Object.entries(answer.headers).flatMap(([name, all]) =>
      all.map((one): [string, string] => [name, one]),
    );
    return new Response(answer.body, { status: answer.status, headers: pairs });
  };
}
