import { UserError } from "../lib/errors.ts";
import type { FileReference } from "./app-spec.ts";
import type { CanonicalCompose } from "./canonical.ts";
import { finalName } from "./convert-names.ts";

/**
 * The secrets or configs one service sees, sorted by name: file = target or source key, owner 0:0, mode 0444
 * (docker/cli, cli/compose/convert/service.go).
 * @throws UserError for one that is not declared
 */
export function convertReferences(
  kind: "secrets" | "configs",
  service: string,
  compose: CanonicalCompose,
  namespace: string,
): FileReference[] {
  const references = compose.services?.[service]?.[kind] ?? [];
  return references
    .map(({ source, target, uid, gid, mode }) => {
      if (!(source in (compose[kind] ?? {}))) {
        throw new UserError(`${kind.slice(0, -1)} "${source}" is not declared`, {
          place: { key: `services.${service}.${kind}` },
          remedy: `declare it under the top-level ${kind}`,
        });
      }
      const name = finalName(compose[kind]?.[source], source, namespace);
      return { key: source, name, file: target || source, uid: uid || "0", gid: gid || "0", mode: mode ?? 0o444 };
    })
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.file < b.file ? -1 : 1));
}
