import { certificatesIn } from "../acme/root-of.ts";
import { mistake, type StackConfig } from "./setting-values.ts";

/** Who gives the node its certificate. */
export interface AcmeSettings {
  /** Address of the authority's directory. */
  directory: string;
  /** Who is told of what goes wrong. */
  email: string | undefined;
  /** Authorities beside the public ones, as PEM. */
  authorities: string;
}

/** Let's Encrypt's directories, by the words that stand for them. */
const DIRECTORIES: Readonly<Record<string, string>> = {
  production: "https://acme-v02.api.letsencrypt.org/directory",
  staging: "https://acme-staging-v02.api.letsencrypt.org/directory",
};
const REMEDY =
  "say staging or production (Let's Encrypt), or a directory's address: https://acme.example.org/directory";

/**
 * The settings of the certificate. Undefined where nothing is said: the node has an authority of its own.
 * @throws UserError for what can't be
 */
export function acmeSettings(config: StackConfig): AcmeSettings | undefined {
  const acme = config.get("acme");
  const [email, authorities] = [config.get("acmeEmail"), config.get("acmeAuthorities")];
  if (acme === undefined) {
    const idle = email === undefined ? authorities && "acmeAuthorities" : "acmeEmail";
    if (idle) throw mistake(idle, "says something of no certificate: acme is not set", REMEDY);
    return undefined;
  }
  const directory = DIRECTORIES[acme] ?? acme;
  const { protocol, username, hash } = URL.canParse(directory) ? new URL(directory) : new URL("none:");
  if (protocol !== "https:" || username || hash) throw mistake("acme", `"${acme}" is no directory of ACME`, REMEDY);
  const [zone, domain] = [config.get("zone"), config.get("baseDomain")];
  if (zone === undefined)
    throw mistake("acme", "needs a zone, whose records show that its names are ours", "set zone as well");
  if (domain !== undefined && !`.${domain}`.endsWith(`.${zone}`))
    throw mistake(
      "acme",
      `no record of ${zone} shows whose ${domain} is`,
      "leave baseDomain out, or name one below zone",
    );
  if (email !== undefined && !/^[^\s@,?]+@[^\s@,?]+\.[^\s@,?]+$/.test(email))
    throw mistake("acmeEmail", `"${email}" is no address`, "give one: ops@example.org");
  if (authorities !== undefined && !readable(authorities))
    throw mistake("acmeAuthorities", "holds no certificate as PEM", "config set acmeAuthorities < root.pem");
  return { directory, email, authorities: authorities ?? "" };
}

function readable(pem: string): boolean {
  try {
    return certificatesIn(pem).length > 0;
  } catch {
    return false;
  }
}
