import type { FileReference } from "./app-spec.ts";
import type { CanonicalCompose } from "./canonical.ts";
import { finalName } from "./convert-names.ts";
import { undeclared } from "./convert-refusals.ts";

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
      if (!Object.hasOwn(compose[kind] ?? {}, source)) {
        throw undeclared(kind === "secrets" ? "secret" : "config", source, `services.${service}.${kind}`);
      }
      const name = finalName(compose[kind]?.[source], source, namespace);
      return { key: source, name, file: target || source, uid: uid || "0", gid: gid || "0", mode: mode ?? 0o444 };
    })
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.file < b.file ? -1 : 1));
}
