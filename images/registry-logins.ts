import { UserError } from "../lib/errors.ts";
import { DEFAULT_REGISTRY } from "./reference.ts";

/** What opens a registry, as the engine is told it with a pull: `X-Registry-Auth`. */
export interface RegistryLogin {
  username: string;
  password: string;
  serveraddress: string;
}

/** Gives what opens a registry; undefined where it is open to everybody. */
export type RegistryLogins = (registry: string) => RegistryLogin | undefined;

/** Where Docker itself puts down the login of Docker Hub (docker/cli, registry.IndexServer). */
const HUB_KEYS = ["https://index.docker.io/v1/", "index.docker.io", DEFAULT_REGISTRY];

/**
 * Variable that they come in to whatever pulls: Pulumi's plugins and the programs of its commands inherit it, and no
 * argument and no state has it.
 */
export const LOGINS_VARIABLE = "RECIPE_CI_REGISTRY_LOGINS";

/** Key of a node's settings that they are read from; its value is a secret. */
export const LOGINS_KEY = "registryLogins";

/** The logins of this process's environment. @throws UserError as {@link parseLogins} */
export function registryLogins(env: NodeJS.ProcessEnv = process.env): RegistryLogins {
  return parseLogins(env[LOGINS_VARIABLE]);
}

/**
 * Reads logins in the form in which `docker login` puts them down: `{"auths": {"HOST": {"auth": "base64 of USER:PASSWORD"}}}`.
 *
 * @throws UserError for anything else, without a word of what it is
 */
export function parseLogins(text: string | undefined): RegistryLogins {
  if (!text) return () => undefined;
  const auths = authsOf(text);
  const byHost = new Map(Object.entries(auths).map(([key, { auth }]) => [hostOf(key), loginOf(key, auth)]));
  return (registry) => byHost.get(registry);
}

function authsOf(text: string): Record<string, { auth?: unknown }> {
  try {
    const { auths } = JSON.parse(text) as { auths?: Record<string, { auth?: unknown }> };
    if (auths && typeof auths === "object" && !Array.isArray(auths)) return auths;
  } catch {
    // What can't be read may hold a password, and so may the error.
  }
  throw mistake("is not in the form of Docker's config.json", '{"auths": {"registry.example.org": {"auth": "…"}}}');
}

function loginOf(key: string, auth: unknown): RegistryLogin {
  const [, username, password] = /^([^:]+):(.+)$/s.exec(Buffer.from(String(auth ?? ""), "base64").toString()) ?? [];
  if (typeof auth === "string" && username && password) return { username, password, serveraddress: key };
  throw mistake(
    `has no user and password for ${hostOf(key)}`,
    "where a credential helper keeps them, take them from it",
  );
}

function hostOf(key: string): string {
  return HUB_KEYS.includes(key) ? DEFAULT_REGISTRY : key.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
}

function mistake(message: string, hint: string): UserError {
  return new UserError(message, {
    place: { key: `recipe-ci:${LOGINS_KEY}` },
    remedy: `npx recipe-ci pulumi config set --secret ${LOGINS_KEY} < ~/.docker/config.json; ${hint}`,
  });
}
