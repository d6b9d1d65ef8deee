import * as pulumi from "@pulumi/pulumi";
import { GeneratedSecret } from "../components/generated-secret.ts";
import { Traefik, type TraefikArgs } from "../components/traefik.ts";
import { LOGINS_KEY, LOGINS_VARIABLE, parseLogins } from "../images/registry-logins.ts";
import { refusePlain } from "../pulumi/stack-file.ts";
import { type KeyAndCertificate, newAuthority, wildcardCertificate } from "./authority.ts";
import { baseDomain, entryPoints } from "./platform-settings.ts";

/** What a kind of node tells of itself, so that its Traefik can be made. */
export interface PlatformArgs
  extends Pick<TraefikArgs, "dockerHost" | "address" | "ipvs" | "ports" | "labels" | "mirror" | "swarm" | "after"> {
  /** Domain that its names end in. Default: what the settings say. */
  baseDomain?: string;
  /** Certificate of its names, its key and its authority, as PEM. Default: of an authority of the node's own. */
  certificate?: Pick<TraefikArgs, "certificate" | "key" | "authority">;
}

/** What stands in front of the apps of every node: Traefik, with a certificate for the names below the base domain. */
export function platform(config: pulumi.Config, { certificate, ...args }: PlatformArgs): Traefik {
  const domain = args.baseDomain ?? baseDomain(config.get("baseDomain"));
  return new Traefik("traefik", {
    ...args,
    ...(certificate ?? ownCertificate(domain)),
    environment: logins(config),
    program: "nodes/platform-main.ts",
    baseDomain: domain,
    entryPoints: entryPoints(config.get("entryPoints")),
  });
}

/** What opens the registries that images are pulled from. @throws UserError where it is no secret, or no such thing */
function logins(config: pulumi.Config): Record<string, pulumi.Input<string>> {
  const value = config.get(LOGINS_KEY);
  if (value === undefined) return {};
  refusePlain(pulumi.getStack(), LOGINS_KEY);
  parseLogins(value);
  return { [LOGINS_VARIABLE]: pulumi.secret(value) };
}

/** Made once and kept: the authority for good, its certificate for as long as the base domain stays. */
function ownCertificate(domain: string): Pick<TraefikArgs, "certificate" | "key" | "authority"> {
  const authority = pair("authority", () => newAuthority("recipe-ci, authority of one node"));
  const made = pair(`certificate:${domain}`, () => authority.apply((signer) => wildcardCertificate(signer, domain)));
  return {
    certificate: made.apply((one) => one.certificate),
    key: made.apply((one) => one.key),
    authority: authority.apply((one) => one.certificate),
  };
}

function pair(name: string, make: () => pulumi.Input<KeyAndCertificate>): pulumi.Output<KeyAndCertificate> {
  const { value } = new GeneratedSecret(name, () => pulumi.jsonStringify(make()));
  return value.apply((text) => JSON.parse(text) as KeyAndCertificate);
}
