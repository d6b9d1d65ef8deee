import type { ServiceSpec } from "../compose/app-spec.ts";
import type { ConvergeCause } from "../swarm/converge/converge-error.ts";
import type { CheckContext } from "./check.ts";

/** The node's authority as a service has it: key of the config, and where its file lies. */
export const AUTHORITY = { key: "recipe-ci-authority", path: "/recipe-ci-authority.pem" };

/** By which OpenSSL, Node, and Python's requests are told of an authority. */
export const AUTHORITY_VARIABLES = ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE"];

/** What OpenSSL, curl, wget, Go, Node, Python, Java and rustls say of an authority that they don't know. */
const UNKNOWN_AUTHORITY =
  /signed by unknown authority|self[- ]signed certificate|unable to get (?:local )?issuer certificate|unable to verify the first certificate|unable to locally verify the issuer|certificate[ _]verify[ _]failed|SELF_SIGNED_CERT|UNABLE_TO_(?:GET_ISSUER_CERT|VERIFY_LEAF)|PKIX path building failed|UnknownIssuer/i;

/** Lines before and after such words in which a program says whom it asked. */
const AROUND = 2;

/** A service that ended or is not healthy since it does not know who signed a certificate. */
export interface Untrusted {
  /** Sentences for a person: what is the matter, and what to do. */
  said: string;
  /** It was a name of the node's: then it lacks the node's authority, of which no image and no recipe can know. */
  certain: boolean;
}

/** What a service's last words say of a certificate that it does not trust; undefined where nothing. */
export function untrusted(
  cause: ConvergeCause,
  { app, entry }: Pick<CheckContext, "app" | "entry">,
): Untrusted | undefined {
  const lines = [cause.message, cause.healthOutput, cause.logs].join("\n").split("\n");
  const at = lines.findIndex((line) => UNKNOWN_AUTHORITY.test(line));
  if (entry === undefined || at < 0) return undefined;
  const service = app.services.find(({ name }) => name === cause.service);
  const host = `[a-z0-9-]+\\.${entry.baseDomain.replaceAll(".", "\\.")}\\b`;
  const near = lines.slice(Math.max(at - AROUND, 0), at + AROUND + 1).join("\n");
  const [name] = new RegExp(host, "i").exec(near) ?? [];
  const asked = name ?? new RegExp(`https://(${host})`, "i").exec(service ? commandsOf(service) : "")?.[1];
  if (asked === undefined) return { said: `where it asks for a name of the run: ${remedy(service)}`, certain: false };
  const said = `${cause.service} refuses the certificate of ${asked}, which the node's own authority signed`;
  return { said: `${said}\n  remedy: ${remedy(service)}`, certain: true };
}

/** What a service runs, its health check too, with the values of its variables: curl does not say whom it asked. */
function commandsOf({ command = [], args = [], healthcheck, env }: ServiceSpec): string {
  const text = [...command, ...args, ...(healthcheck?.test ?? [])].join(" ");
  return text.replace(/\$\{?(\w+)\}?/g, (whole, name: string) => env[name] ?? whole);
}

function remedy(service: ServiceSpec | undefined): string {
  if (service?.configs.some(({ key }) => key === AUTHORITY.key))
    return `tell its program of ${AUTHORITY.path} by env in the recipe's ci.ts: it reads none of ${AUTHORITY_VARIABLES.join(", ")}`;
  return `trustsNode: ["${service?.key ?? "app"}"] in the recipe's ci.ts`;
}
