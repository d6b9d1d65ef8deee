import { basename } from "node:path";
import { writtenBelow } from "../../swarm/container-insides.ts";
import type { Placed } from "../../swarm/exec.ts";
import type { CheckContext, ResticOf } from "../check.ts";
import { runningContainer, standingServices } from "../container.ts";
import type { Restic } from "../restic.ts";
import { archiveFolder } from "./archive-folder.ts";
import { isScratchPath } from "./brought.ts";
import { containerFile } from "./container-file.ts";
import { noteFile } from "./contents.ts";
import { isOfUsers, programVolumes } from "./written-over.ts";

/** Shorter names say nothing: `1`, `a`. */
const SHORT = 3;
/** Bytes that are compared, and files at most. */
const COMPARED = 4096;
const MOST = 20;

/**
 * What head writes into its containers by the names that base's files have in a volume, a sentence for each service: an
 * app whose folder of data is another than before begins anew there, while what users have lies in the volume untouched.
 *
 * @param noted files of base's app, by their volume's key and their path
 * @param mayLose reasons, by key of a service, why nothing of it is needed
 */
export async function writtenElsewhere(
  context: CheckContext,
  resticOf: ResticOf,
  noted: ReadonlySet<string>,
  mayLose: Record<string, string> = {},
): Promise<string[]> {
  if (noted.size === 0) return [];
  const services = await standingServices(context.swarm, context.app.services);
  const found = await Promise.all(
    services.map(async ({ key, name, mounts }) => {
      const volumes = context.app.volumes.filter((volume) => mounts.some(({ source }) => source === volume.name));
      const container = await runningContainer(context.swarm, name, "recipe", context.signal);
      const candidates = sameName(
        [...noted].filter((path) => volumes.some((volume) => path.startsWith(`${volume.key}/`))),
        await writtenBelow(container, ""),
      );
      const place = key in mayLose ? undefined : await firstOther(context, resticOf(context), container, candidates);
      if (!place) return [];
      const [volume = "", ...inner] = place.before.split("/");
      return [
        `${key} of head writes ${place.now} into its container, and base's app has that in volume ${volume} (${inner.join("/")}): it does not go on with what is there, and each update loses what it writes. Leave its folder of data where it was, or mount the volume there; where it may be lost: mayLose in the recipe's ci.ts`,
      ];
    }),
  );
  return found.flat();
}

// What head has written to since, it goes on with.
const UNTOUCHED = `test -f "$1" && test ! "$1" -nt "$2" && head -c ${COMPARED} "$1" | base64 | tr -d "\\n"`;

/** The first that is a file of its own: no link to the one in the volume, and no copy of it. */
async function firstOther(
  { app }: CheckContext,
  restic: Restic,
  container: Placed,
  candidates: readonly SameName[],
): Promise<SameName | undefined> {
  for (const one of candidates.slice(0, MOST)) {
    const { isFile, text } = await containerFile(container, one.now);
    if (!isFile) continue;
    const [key, ...inner] = one.before.split("/");
    const volume = app.volumes.find((each) => each.key === key);
    const path = `${archiveFolder(volume?.name ?? "")}/${inner.join("/")}`;
    const script = `{ ${UNTOUCHED}; } || echo touched`;
    const bytes = await restic.inHelper(["sh", "-c", script, "sh", path, noteFile("base")]);
    if (bytes.includes("touched")) continue;
    if (Buffer.from(bytes, "base64").toString("latin1") !== text.slice(0, COMPARED)) return one;
  }
  return undefined;
}

/** A file in a container, and the one in a volume that has its name. */
export interface SameName {
  /** By its volume's key and its path. */
  before: string;
  /** In the container. */
  now: string;
}

/** Files in a container that are called as ones that must last in a volume. @param written paths in the container */
export function sameName(noted: readonly string[], written: readonly string[]): SameName[] {
  const programs = programVolumes(noted);
  const lasting = noted.filter((path) => isOfUsers(path) && !programs.has(path.split("/")[0] ?? ""));
  return written.flatMap((now) => {
    const name = basename(now);
    if (name.length < SHORT || isScratchPath(now)) return [];
    const before = lasting.find((path) => basename(path) === name);
    return before ? [{ before, now }] : [];
  });
}
