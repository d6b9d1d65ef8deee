import { isScalar } from "yaml";
import type { FileReference, ServiceSpec } from "../app-spec.ts";
import { type ComposeFile, fileOf } from "../files/compose-file.ts";
import { follow } from "../files/places.ts";
import type { Doubt } from "./doubt.ts";

/** Modes that somebody may mean who writes one in decimal digits, as 420 for 0644. */
const USUAL: readonly number[] = [
  0o400, 0o440, 0o444, 0o500, 0o550, 0o555, 0o600, 0o640, 0o644, 0o660, 0o666, 0o700, 0o750, 0o755, 0o770, 0o775, 0o777,
];

/** Modes of secrets and configs that are others than written, or keep the service's own user from reading them. */
export function modeDoubts(services: readonly ServiceSpec[], files: readonly ComposeFile[]): Doubt[] {
  return services.flatMap((service) =>
    (["secrets", "configs"] as const).flatMap((kind) =>
      service[kind].flatMap((reference) => {
        const doubt = doubtOf(reference, service, writtenMode(files, service.key, kind, reference.key));
        return doubt ? [{ kind: "mode" as const, path: ["services", service.key, kind], ...doubt }] : [];
      }),
    ),
  );
}

function doubtOf(
  { key, mode, uid, gid }: FileReference,
  { key: service, user }: ServiceSpec,
  written: string | undefined,
): Pick<Doubt, "message" | "remedy"> | undefined {
  const about = `service ${service}: mode of ${key}`;
  if (written !== undefined && /^[0-7]{3,4}$/.test(written) && !written.startsWith("0") && !USUAL.includes(mode)) {
    const message = `${about}: ${written} is ${octal(mode)}, as digits without a 0 before them are decimal ones`;
    return { message, remedy: `write mode: 0${written}` };
  }
  if ((mode & 0o444) === 0) {
    return { message: `${about}: ${octal(mode)} lets nobody read it but root`, remedy: "write mode: 0444" };
  }
  const [, runsAs, group] = /^(\d+)(?::(\d+))?$/.exec(user ?? "") ?? [];
  if (runsAs === undefined || runsAs === "0" || (mode & 0o004) !== 0) return undefined;
  if (runsAs === uid && (mode & 0o400) !== 0) return undefined;
  if ((mode & 0o040) !== 0 && (group === undefined || group === gid)) return undefined;
  const message = `${about}: ${octal(mode)} of owner ${uid}:${gid} can't be read by user ${user}`;
  return { message, remedy: `write uid: "${runsAs}" beside it, or mode: 0444` };
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

/** The mode as the last of the files writes it. */
function writtenMode(files: readonly ComposeFile[], service: string, kind: string, source: string): string | undefined {
  const path = fileOf(files, `services.${service}.${kind}`);
  const file = files.find((one) => one.path === path);
  if (!file) return undefined;
  for (let index = 0; ; index++) {
    const at = ["services", service, kind, String(index)];
    if (follow(file, at, true).node === undefined) return undefined;
    const [from, mode] = ["source", "mode"].map((key) => follow(file, [...at, key], true).node);
    if (isScalar(from) && from.value === source) return isScalar(mode) ? mode.source : undefined;
  }
}
