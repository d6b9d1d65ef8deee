import type { ServiceSpec } from "../compose/app-spec.ts";
import { literally } from "../lib/plain-text.ts";
import type { ConvergeCause } from "../swarm/converge/converge-error.ts";
import { UNKNOWN_NAME } from "../swarm/converge/unknown-name.ts";
import type { CheckContext } from "./check.ts";
import { nameNear, saidBy, type Trouble } from "./trouble.ts";

/** The node's authority as a service has it: key of the config, and where its file lies. */
export const AUTHORITY = { key: "recipe-ci-authority", path: "/recipe-ci-authority.pem" };

/** By which OpenSSL, Node, and Python's requests are told of an authority. */
export const AUTHORITY_VARIABLES = ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE"];

/** What OpenSSL, curl, wget, Go, Node, Python, Java and rustls say of an authority that they don't know. */
const UNKNOWN_AUTHORITY =
  /signed by unknown authority|self[- ]signed certificate|unable to get (?:local )?issuer certificate|unable to verify the first certificate|unable to locally verify the issuer|certificate[ _]verify[ _]failed|SELF_SIGNED_CERT|UNABLE_TO_(?:GET_ISSUER_CERT|VERIFY_LEAF)|PKIX path building failed|UnknownIssuer/i;

/** What a service's last words say of a name of the run that it could not ask for; undefined where nothing. */
export function nameTrouble(
  cause: ConvergeCause,
  { app, entry }: Pick<CheckContext, "app" | "entry">,
): Trouble | undefined {
  if (entry === undefined) return undefined;
  const service = app.services.find(({ name }) => name === cause.service);
  const said = saidBy(cause);
  const host = `[a-z0-9-]+\\.${literally(entry.baseDomain)}\\b`;
  const unresolved = nameNear(said, UNKNOWN_NAME, host);
  // One in internal networks alone reaches nobody by a public name, at operators neither.
  if (unresolved && service?.networks.some(({ key }) => !app.networks.find((one) => one.key === key)?.internal))
    return {
      owner: "infra",
      said: `${cause.service} asks for ${unresolved}, which no name server leads to the node\n  remedy: have one lead *.${entry.baseDomain} to ${entry.address}: a local node that is made anew does, at Hetzner a zone`,
    };
  if (!said.some((line) => UNKNOWN_AUTHORITY.test(line))) return undefined;
  const commands = service ? commandsOf(service) : "";
  const asked = nameNear(said, UNKNOWN_AUTHORITY, host) ?? new RegExp(`https://(${host})`, "i").exec(commands)?.[1];
  if (asked === undefined) return { said: `where it asks for a name of the run: ${remedy(service)}` };
  const refuses = `${cause.service} refuses the certificate of ${asked}, which the node's own authority signed`;
  return { owner: "author", said: `${refuses}\n  remedy: ${remedy(service)}` };
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
