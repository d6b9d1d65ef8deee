import type { AppSpec, ServiceSpec, VolumeSpec } from "../../compose/app-spec.ts";
import { alwaysRuns } from "../../compose/convert/lasting.ts";
import { type ProcessUsers, processUsers } from "../../swarm/container-insides.ts";
import type { CheckContext, CheckFunction, ResticOf } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { runningContainer } from "../container.ts";
import type { Restic } from "../restic.ts";
import { archiveFolder, MARKER } from "./archive-folder.ts";
import { mayWrite } from "./keeps-access.ts";
import { lostVolumes } from "./lost-volumes.ts";
import { type Access, accessIn, ownerOf } from "./owners.ts";

/** Images of servers that only show what their operators put into a volume. */
const SHOWS = /(^|\/)[^/]*(nginx|httpd|apache|caddy|lighttpd|static|webserver)[^/]*$/i;

/** A volume, and the services that mount it to write to it. */
export interface WrittenVolume {
  volume: VolumeSpec;
  services: ServiceSpec[];
}

/**
 * The volumes of which it can be told whether their app may write to them: all that mount one to write run as long as
 * the app does, and are there to do more than show what it has.
 */
export function writtenVolumes(app: AppSpec): WrittenVolume[] {
  return lostVolumes(app).flatMap((volume) => {
    const services = app.services.filter(({ mounts }) =>
      mounts.some(({ source, readOnly, volume: options }) => source === volume.name && !readOnly && !options?.subpath),
    );
    const isTold = services.every((one) => alwaysRuns(one) && !SHOWS.test(one.image));
    return services.length > 0 && isTold ? [{ volume, services }] : [];
  });
}

/**
 * Somebody of the app may write to each of its volumes. Docker gives a new one to root, unless the image has its folder
 * with another owner: an app that runs as somebody else then starts well, and fails with the first thing that a user
 * brings.
 *
 * @param mayLose reasons, by key of a volume, why nothing is written to it
 */
export function mayWriteToVolumes(resticOf: ResticOf, mayLose: Record<string, string> = {}): CheckFunction {
  return async (context) => {
    const asked = writtenVolumes(context.app).filter(({ volume }) => !(volume.key in mayLose));
    const problems: string[] = [];
    for (const { volume, services } of asked) {
      const empty = await emptyRoot(resticOf(context), volume);
      if (!empty) continue;
      const users = await usersOf(context, services);
      if (users.some((one) => mayWrite(one, empty))) continue;
      const who = [...new Set(users.flatMap(({ uids }) => [...uids]))].join(", ");
      const names = services.map(({ key }) => key).join(" and ");
      problems.push(
        `${names} can't write to volume ${volume.key}: it belongs to ${ownerOf(empty)}, mode ${empty.mode.toString(8)}, and the processes run as ${who}. ` +
          "Have the entry point give it to them, or mount it where their image has a folder of theirs; where nothing is written: mayLose in the recipe's ci.ts",
      );
    }
    if (problems.length > 0) throw new CheckFailure(problems.join("\n"));
    return { summary: `the app may write to ${asked.map(({ volume }) => volume.key).join(", ") || "all it mounts"}` };
  };
}

function usersOf({ swarm, signal }: CheckContext, services: readonly ServiceSpec[]): Promise<ProcessUsers[]> {
  return Promise.all(
    services.map(async ({ name }) => processUsers(await runningContainer(swarm, name, "recipe", signal))),
  );
}

/** Whose a volume's root is; undefined where something lies in there. */
async function emptyRoot(restic: Restic, { name }: VolumeSpec): Promise<Access | undefined> {
  const script =
    'stat -c "%u:%g:%a" "$1"; find "$1" -mindepth 1 -maxdepth 1 ! -name "$2" ! -name lost+found | head -n 1';
  const [access = "", first] = (await restic.inHelper(["sh", "-c", script, "sh", archiveFolder(name), MARKER]))
    .trim()
    .split("\n");
  return first ? undefined : accessIn(access);
}
