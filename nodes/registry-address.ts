import { UserError } from "../lib/errors.ts";

/**
 * Address of a registry, as Docker takes one as a mirror: without a path, and no login in it (moby, registry/config.go).
 *
 * @param key the setting that it is from
 * @throws UserError
 */
export function registryAddress(key: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const { protocol, username, pathname, search, hash } = URL.canParse(text) ? new URL(text) : new URL("none:");
  if (/^https?:$/.test(protocol) && !username && /^\/?$/.test(pathname) && !search && !hash)
    return text.replace(/\/$/, "");
  throw new UserError(`"${text}" is no address of a registry`, {
    place: { key: `recipe-ci:${key}` },
    remedy: "give one without a path: https://mirror.example.org",
  });
}
