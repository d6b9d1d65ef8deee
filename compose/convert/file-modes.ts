import { isMap, isScalar, isSeq } from "yaml";
import { spokenMode } from "../../lib/swarm/spoken-mode.ts";
import type { FileReference, ServiceSpec } from "../app-spec.ts";
import type { ComposeFile } from "../files/compose-file.ts";
import { follow, valuesOf } from "../files/places.ts";
import type { Doubt } from "./doubt.ts";

/** Modes that somebody may mean who writes one in decimal digits, as 420 for 0644. */
const USUAL: readonly number[] = [
  0o400, 0o440, 0o444, 0o500, 0o550, 0o555, 0o600, 0o640, 0o644, 0o660, 0o666, 0o700, 0o750, 0o755, 0o770, 0o775, 0o777,
];

/** Modes of secrets and configs that are others than written, or keep the service's own user from reading them. */
export function modeDoubts(services: readonly ServiceSpec[], files: readonly ComposeFile[]): Doubt[] {
  return services.flatMap((service) =>
    (["secrets", "configs"] as const).flatMap((kind) => {
      const path = ["services", service.key, kind];
      const written = service[kind].length > 0 ? writtenModes(files, path) : new Map<string, string>();
      return service[kind].flatMap((reference) => {
        const doubt = doubtOf(reference, service, written.get(reference.key));
        return doubt ? [{ kind: "mode" as const, path, ...doubt }] : [];
      });
    }),
  );
}

function doubtOf(
  { key, mode, uid, gid }: FileReference,
  { key: service, user }: ServiceSpec,
  written: string | undefined,
): Pick<Doubt, "message" | "remedy"> | undefined {
  const about = `service ${service}: mode of ${key}`;
  if (written !== undefined && /^[0-7]{3,4}$/.test(written) && !written.startsWith("0") && !USUAL.includes(mode)) {
    const message = `${about}: ${written} is ${spokenMode(mode)}, as digits without a 0 before them are decimal ones`;
    return { message, remedy: `write mode: 0${written}` };
  }
  if ((mode & 0o444) === 0) {
    return { message: `${about}: ${spokenMode(mode)} lets nobody read it but root`, remedy: "write mode: 0444" };
  }
  const [, runsAs, group] = /^(\d+)(?::(\d+))?$/.exec(user ?? "") ?? [];
  if (runsAs === undefined || runsAs === "0" || (mode & 0o004) !== 0) return undefined;
  if (runsAs === uid && (mode & 0o400) !== 0) return undefined;
  if ((mode & 0o040) !== 0 && (group === undefined || group === gid)) return undefined;
  const message = `${about}: ${spokenMode(mode)} of owner ${uid}:${gid} can't be read by user ${user}`;
  return { message, remedy: `write uid: "${runsAs}" beside it, or mode: 0444` };
}

/** The modes of references as they are written, by the key of what is referred to; the last of the files counts. */
function writtenModes(files: readonly ComposeFile[], path: readonly string[]): Map<string, string> {
  const modes = new Map<string, string>();
  for (const file of files) {
    const { node } = follow(file, path, true);
    for (const item of isSeq(node) ? node.items : []) {
      const values = isMap(item) ? valuesOf(file, item) : new Map<string, unknown>();
      const [source, mode] = [values.get("source"), values.get("mode")];
      if (isScalar(source) && isScalar(mode)) modes.set(String(source.value), mode.source ?? "");
    }
  }
  return modes;
}
