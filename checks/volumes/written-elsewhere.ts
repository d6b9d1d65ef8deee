import { basename } from "node:path";
import { writtenBelow } from "../../swarm/container-insides.ts";
import type { CheckContext } from "../check.ts";
import { runningContainer, standingServices } from "../container.ts";
import { isScratchPath } from "./keeps-data.ts";
import { isOfUsers, programVolumes } from "./written-over.ts";

/** Names that say nothing: of one digit or letter. */
const SHORT = 2;

/**
 * What head writes into its containers by the names that base's files have in a volume, a sentence for each service: an
 * app whose folder of data is another than before begins anew there, while what users have lies in the volume untouched.
 *
 * @param noted files of base's app, by their volume's key and their path
 * @param mayLose reasons, by key of a service, why nothing of it is needed
 */
export async function writtenElsewhere(
  context: CheckContext,
  noted: ReadonlySet<string>,
  mayLose: Record<string, string> = {},
): Promise<string[]> {
  if (noted.size === 0) return [];
  const services = await standingServices(context.swarm, context.app.services);
  const found = await Promise.all(
    services.map(async ({ key, name, mounts }) => {
      const volumes = context.app.volumes.filter((volume) => mounts.some(({ source }) => source === volume.name));
      const container = await runningContainer(context.swarm, name, "recipe", context.signal);
      const place = sameName(
        [...noted].filter((path) => volumes.some((volume) => path.startsWith(`${volume.key}/`))),
        await writtenBelow(container, ""),
      );
      if (!place || key in mayLose) return [];
      const [volume = "", ...inner] = place.before.split("/");
      return [
        `${key} of head writes ${place.now} into its container, and base's app has that in volume ${volume} (${inner.join("/")}): it does not go on with what is there, and each update loses what it writes. Leave its folder of data where it was, or mount the volume there; where it may be lost: mayLose in the recipe's ci.ts`,
      ];
    }),
  );
  return found.flat();
}

/** A file in a container that is called as one that must last in a volume. @param written paths in the container */
export function sameName(
  noted: readonly string[],
  written: readonly string[],
): { before: string; now: string } | undefined {
  const programs = programVolumes(noted);
  const lasting = noted.filter((path) => isOfUsers(path) && !programs.has(path.split("/")[0] ?? ""));
  for (const now of written) {
    const name = basename(now);
    if (name.length < SHORT || isScratchPath(now)) continue;
    const before = lasting.find((path) => basename(path) === name);
    if (before) return { before, now };
  }
  return undefined;
}
