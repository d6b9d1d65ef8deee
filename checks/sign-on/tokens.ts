import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from "jose";
import * as openid from "openid-client";
import { InfraError, messageOf } from "../../lib/errors.ts";
import { namedOwner } from "../../lib/owner.ts";
import { present } from "../../lib/present.ts";
import type { CheckContext, Evidence } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { askEntry } from "../http/entry-request.ts";
import type { ProbeRequest } from "../probe.ts";
import type { SignOn } from "./sign-on.ts";

/**
 * That an identity provider does for a client what OpenID Connect says: it is discovered at its issuer, gives tokens to
 * the client and to its user, signed by the keys that it publishes and about nobody else, and none for a wrong secret.
 *
 * @throws CheckFailure for what does not hold
 */
export async function givesTokens(context: CheckContext, signOn: SignOn): Promise<Evidence> {
  const { issuer, client, secret, user } = signOn;
  const ask = throughEntry(context);
  const discover = (key: string) =>
    openid.discovery(new URL(issuer), client, key, undefined, { [openid.customFetch]: ask });
  const config = await step("discovery", discover(secret));
  const { jwks_uri = "" } = config.serverMetadata();
  const published = await step(
    "keys",
    ask(jwks_uri, { method: "GET", headers: {}, body: undefined, redirect: "manual" }),
  );
  const keys = createLocalJWKSet((await published.json()) as JSONWebKeySet);
  const verified = async (what: string, token: string | undefined, audience?: string): Promise<JWTPayload> => {
    if (token === undefined) throw new CheckFailure(`${what}: there is none`);
    const options = { issuer, audience, requiredClaims: ["exp", "iat"] };
    return (await step(what, jwtVerify(token, keys, options))).payload;
  };

  const own = await step("client_credentials", openid.clientCredentialsGrant(config));
  about("azp", client, await verified("the client's token", own.access_token));
  const asked = { username: user.name, password: user.password, scope: "openid" };
  const person = await step("password grant", openid.genericGrantRequest(config, "password", asked));
  const access = await verified("the user's token", person.access_token);
  about("azp", client, access);
  about("typ", "Bearer", access);
  about("preferred_username", user.name, await verified("the user's id token", person.id_token, client));

  const stranger = await step("discovery", discover(`not-${secret}`));
  const refused = await openid.clientCredentialsGrant(stranger).then(
    () => false,
    () => true,
  );
  if (!refused) throw new CheckFailure("a wrong secret gets a token as well");
  return { summary: `${issuer}: ${client}, ${user.name}`, details: { issuer, client } };
}

function about(claim: string, wanted: string, payload: JWTPayload): void {
  if (payload[claim] !== wanted) throw new CheckFailure(`${claim} of a token is ${payload[claim]}, and not ${wanted}`);
}

/** What the libraries throw is what they found of the provider, not a mistake in code. */
async function step<T>(what: string, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    if (namedOwner(error)) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
    throw new CheckFailure(`${what}: ${messageOf(error)}${cause}`);
  });
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
