import type { AppSpec, ServiceSpec, VolumeSpec } from "../../compose/app-spec.ts";
import { alwaysRuns } from "../../compose/convert/lasting.ts";
import { plainText } from "../../lib/plain-text.ts";
import { containerLogs } from "../../swarm/logs.ts";
import type { CheckContext, CheckFunction, ResticOf } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { runningContainer } from "../container.ts";
import type { Restic } from "../restic.ts";
import { archiveFolder, MARKER } from "./archive-folder.ts";
import { mayWrite, usersOf } from "./keeps-access.ts";
import { lostVolumes } from "./lost-volumes.ts";
import { type Access, accessIn, ownerOf } from "./owners.ts";

/** What programs say of a place that they want to write to, and may not (strerror(3) of EACCES, EPERM and EROFS). */
const REFUSED = /permission denied|operation not permitted|read-only file system|EACCES|EPERM|EROFS|not writ(e?able)/i;

/** A volume, and the services that mount it to write to it. */
export interface WrittenVolume {
  volume: VolumeSpec;
  services: ServiceSpec[];
}

/** The volumes of which it can be told who may write to them: all that mount one to write run as long as the app does. */
export function writtenVolumes(app: AppSpec): WrittenVolume[] {
  return lostVolumes(app).flatMap((volume) => {
    const services = app.services.filter(({ mounts }) =>
      mounts.some(({ source, readOnly, volume: options }) => source === volume.name && !readOnly && !options?.subpath),
    );
    return services.length > 0 && services.every(alwaysRuns) ? [{ volume, services }] : [];
  });
}

/**
 * Somebody of the app may write to each of its volumes. Docker gives a new one to root, unless the image has its folder
 * with another owner: an app that runs as somebody else then may start well, and keeps nothing. A server may be there
 * only to show what others put into one, so the app has to have said that something was refused.
 *
 * @param mayLose reasons, by key of a volume, why nothing is written to it
 */
export function mayWriteToVolumes(resticOf: ResticOf, mayLose: Record<string, string> = {}): CheckFunction {
  return async (context) => {
    const asked = writtenVolumes(context.app).filter(({ volume }) => !(volume.key in mayLose));
    const problems: string[] = [];
    const unused: string[] = [];
    for (const { volume, services } of asked) {
      const empty = await emptyRoot(resticOf(context), volume);
      if (!empty) continue;
      const users = await usersOf(context, services);
      if (users.some((one) => mayWrite(one, empty))) continue;
      const said = await refusal(context, services);
      if (said === undefined) {
        unused.push(volume.key);
        continue;
      }
      const who = [...new Set(users.flatMap(({ uids }) => [...uids]))].join(", ");
      const names = services.map(({ key }) => key).join(" and ");
      problems.push(
        `${names} can't write to volume ${volume.key}: it belongs to ${ownerOf(empty)}, mode ${empty.mode.toString(8)}, and the processes run as ${who}, of whom one says: ${said}. ` +
          "Have the entry point give it to them, or mount it where their image has a folder of theirs; where nothing is written: mayLose in the recipe's ci.ts",
      );
    }
    if (problems.length > 0) throw new CheckFailure(problems.join("\n"));
    const written = asked.map(({ volume }) => volume.key).filter((key) => !unused.includes(key));
    const may = `the app may write to ${written.join(", ") || "all that it wants to"}`;
    return { summary: unused.length > 0 ? `${may}; not to ${unused.join(", ")}, and does not say that it would` : may };
  };
}

/** The last line in which a service says that it may not do something. */
async function refusal({ swarm, signal }: CheckContext, services: readonly ServiceSpec[]): Promise<string | undefined> {
  for (const { name } of services) {
    const { engine, id } = await runningContainer(swarm, name, "recipe", signal);
    const lines = plainText(await containerLogs(engine, id, { lines: 200 }).catch(() => "")).split("\n");
    const found = lines.findLast((line) => REFUSED.test(line))?.trim();
    if (found) return found.slice(0, 200);
  }
  return undefined;
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
