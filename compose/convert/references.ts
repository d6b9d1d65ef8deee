import { UserError } from "../../lib/errors.ts";
import type { FileReference } from "../app-spec.ts";
import type { CanonicalCompose } from "../files/canonical.ts";
import { undeclared } from "./refusals.ts";
import { finalName } from "./scoped-names.ts";

/**
 * The secrets or configs one service sees, sorted by name: file = target or source key, owner 0:0, mode 0444
 * (docker/cli, cli/compose/convert/service.go).
 * @throws UserError for one that is not declared, and for two at one place
 */
export function convertReferences(
  kind: "secrets" | "configs",
  service: string,
  compose: CanonicalCompose,
  namespace: string,
): FileReference[] {
  const key = `services.${service}.${kind}`;
  const references = (compose.services?.[service]?.[kind] ?? []).map(({ source, target, uid, gid, mode }) => {
    if (!Object.hasOwn(compose[kind] ?? {}, source)) {
      throw undeclared(kind === "secrets" ? "secret" : "config", source, key);
    }
    const name = finalName(compose[kind]?.[source], source, namespace);
    return { key: source, name, file: target || source, uid: uid || "0", gid: gid || "0", mode: mode ?? 0o444 };
  });
  const seen = new Set<string>();
  const twice = references.find(({ file }) => seen.size === seen.add(file).size);
  if (twice) {
    throw new UserError(`two ${kind} at "${twice.file}"`, {
      place: { key },
      remedy: "give one of them another target",
    });
  }
  return references.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.file < b.file ? -1 : 1));
}
