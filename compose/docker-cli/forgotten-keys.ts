import type { CanonicalCompose } from "../files/canonical.ts";
import { asRecord, type ComposeFile, servicesOf } from "../files/compose-file.ts";

/** Options of a mount in its long form that docker/cli keeps (its internal/volumespec); its schema takes any. */
const MOUNT_OPTIONS = { bind: ["propagation"], volume: ["nocopy", "subpath"], tmpfs: ["size"] };
/** The same of a secret or config in its long form (cli/compose/types: FileReferenceConfig). */
const REFERENCE_KEYS = ["source", "target", "uid", "gid", "mode"];
/** Options of a mount in its short form that mean something (its internal/volumespec: Parse). */
const SHORT_OPTIONS = /^(ro|rw|nocopy|r?private|r?shared|r?slave|)$/;

/**
 * What docker/cli reads and forgets without a word, one line each, for a person. It leaves no trace in what it makes
 * of the files, so they are looked at as they are written.
 */
export function forgottenKeys(files: readonly ComposeFile[], compose: CanonicalCompose): string[] {
  const warnings = files.flatMap(({ raw }) =>
    Object.entries(servicesOf({ raw })).flatMap(([name, value]) => {
      const service = asRecord(value);
      const keys = [
        ...items(service.volumes).flatMap(mountKeys),
        ...items(service.secrets).flatMap((item) => unknownKeys("secrets", item, REFERENCE_KEYS)),
        ...items(service.configs).flatMap((item) => unknownKeys("configs", item, REFERENCE_KEYS)),
        // Its type lacks the name of the key (cli/compose/types, up to Docker 29).
        ...(service.oom_score_adj && compose.services?.[name]?.oom_score_adj === undefined ? ['"oom_score_adj"'] : []),
      ];
      return keys.map((key) => `service ${name}: ${key} is ignored by docker/cli`);
    }),
  );
  return [...new Set(warnings)];
}

function mountKeys(mount: unknown): string[] {
  if (typeof mount === "string") return shortOptions(mount).map((option) => `option "${option}" of a volume`);
  return Object.entries(MOUNT_OPTIONS).flatMap(([type, known]) =>
    unknownKeys(`volumes.${type}`, asRecord(mount)[type], known),
  );
}

/** The third part of `source:target:options`, without what only becomes known by a variable. */
function shortOptions(mount: string): string[] {
  const [, , options = "", ...rest] = mount.replace(/\$(\{[^}]*\}|\w+)/g, "").split(":");
  if (rest.length > 0) return [];
  return options.split(",").filter((option) => !SHORT_OPTIONS.test(option));
}

function unknownKeys(path: string, value: unknown, known: readonly string[]): string[] {
  const keys = Object.keys(asRecord(value)).filter((key) => !known.includes(key) && !key.startsWith("x-"));
  return keys.map((key) => `"${path}.${key}"`);
}

function items(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
