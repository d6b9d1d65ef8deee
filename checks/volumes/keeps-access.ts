import type { AppSpec, ServiceSpec } from "../../compose/app-spec.ts";
import { plural } from "../../lib/plural.ts";
import { imageInsides, type ProcessUsers, processUsers } from "../../swarm/container-insides.ts";
import type { Placed } from "../../swarm/exec.ts";
import type { CheckContext, CheckFunction, ResticOf } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { runningContainer, standingServices } from "../container.ts";
import type { Restic } from "../restic.ts";
import { archiveFolder, MARKER } from "./archive-folder.ts";
import { notedUsers } from "./contents.ts";
import { lostVolumes } from "./lost-volumes.ts";
import { madeAt } from "./made-at.ts";
import { changedUsers } from "./noted-users.ts";
import { type Access, changedAccess, ownersText, permits } from "./owners.ts";

/** A file in a volume, as `stat` tells of it. */
interface OwnedFile extends Access {
  path: string;
}

/** Files of one volume that are looked at, at most. */
const MOST = 20_000;

/**
 * Head may write to the files that base's app wrote. One that runs as another user than before can often read them and
 * looks well: an image that no longer runs as root, a `user:` that changed, an entry point that drops to a user whose
 * number is another in head's image, or a volume that is mounted to be read.
 *
 * @param mayLose reasons, by key of a volume, why nothing more is written to it
 */
export function keepsAccess(base: AppSpec, resticOf: ResticOf, mayLose: Record<string, string> = {}): CheckFunction {
  return async (context) => {
    const changed: string[] = [];
    const problems = await onlyRead(base, context, resticOf, mayLose);
    const noted = await notedUsers(resticOf(context));
    for (const service of await standingServices(context.swarm, context.app.services)) {
      const before = base.services.find(({ key }) => key === service.key);
      if (!before) continue;
      const container = await runningContainer(context.swarm, service.name, "recipe", context.signal);
      const [from, to] = await Promise.all([userOf(container, before), userOf(container, service)]);
      const said = from !== undefined && to !== undefined && from !== to ? `${from} -> ${to}` : undefined;
      const another = otherUser(said, noted.get(service.key) ?? new Set(), await processUsers(container));
      if (!another) continue;
      changed.push(`${service.key}: ${another.change}`);
      problems.push(...(await unwritable(service, another, context, resticOf)));
    }
    if (problems.length > 0) throw new CheckFailure(problems.join("\n"));
    return { summary: changed.length > 0 ? changed.join(", ") : "every service runs as the user it ran as" };
  };
}

/**
 * After a restore, what belonged to a user that the app runs as still does, and that user may still write to what it
 * could write to: or the app can only read it.
 */
export function keepsFiles(resticOf: ResticOf): CheckFunction {
  return async (context) => {
    const changed = await changedAccess(context.app, resticOf(context));
    const users =
      changed.length > 0 ? await usersOf(context, await standingServices(context.swarm, context.app.services)) : [];
    const taken = changed.filter(({ before, now }) => isTaken(users, before, now));
    if (taken.length > 0) {
      throw new CheckFailure(
        `${ownersText(taken)}: the app can't write there any more; a restore hook must give it back`,
      );
    }
    return { summary: `${plural(changed.length, "file")} with another owner or mode, none of them taken from the app` };
  };
}

/** Whether a file was one of the app's own, and is another's, or one that its owner may no longer write to. */
export function isTaken(users: readonly ProcessUsers[], before: Access, now: Access): boolean {
  return users.some(
    (user) =>
      !user.uids.has(0) &&
      user.uids.has(before.uid) &&
      (!user.uids.has(now.uid) || (mayWrite(user, before) && !mayWrite(user, now))),
  );
}

/** Volumes that base's services wrote to, and of head's none may: those that it mounts to be read. */
export function readVolumes(base: AppSpec, head: AppSpec): { service: string; key: string; name: string }[] {
  return head.services.flatMap((service) => {
    const before = base.services.find(({ key }) => key === service.key);
    return service.mounts.flatMap(({ type, source, readOnly }) => {
      const volume = head.volumes.find(({ name }) => name === source);
      if (type !== "volume" || !readOnly || !volume) return [];
      const wrote = before?.mounts.some((mount) => mount.source === source && !mount.readOnly);
      const writes = head.services.some((one) =>
        one.mounts.some((mount) => mount.source === source && !mount.readOnly),
      );
      return wrote && !writes ? [{ service: service.key, key: volume.key, name: volume.name }] : [];
    });
  });
}

async function onlyRead(
  base: AppSpec,
  context: CheckContext,
  resticOf: ResticOf,
  mayLose: Record<string, string>,
): Promise<string[]> {
  const own = lostVolumes(context.app).map(({ name }) => name);
  const problems: string[] = [];
  for (const { service, key, name } of readVolumes(base, context.app)) {
    const spec = context.app.services.find((one) => one.key === service);
    if (!spec || !own.includes(name) || key in mayLose) continue;
    const [written] = await filesSince(resticOf(context), name, await madeAt(context, spec));
    if (!written) continue;
    const inner = written.path.slice(archiveFolder(name).length + 1);
    problems.push(
      `head mounts volume ${key} into ${service} to be read alone, and base's ${service} wrote to it (${inner}): nothing of head can. Where nothing more is written: mayLose in the recipe's ci.ts`,
    );
  }
  return problems;
}

/** Whom the processes of services run as, all of which have a container. */
export function usersOf(
  { swarm, signal }: Pick<CheckContext, "swarm" | "signal">,
  services: readonly ServiceSpec[],
): Promise<ProcessUsers[]> {
  return Promise.all(
    services.map(async ({ name }) => processUsers(await runningContainer(swarm, name, "recipe", signal))),
  );
}

/** Whether one of these users may write to a file. */
export function mayWrite(users: ProcessUsers, file: Access): boolean {
  return permits(users, file, "write");
}

/** How a service's user changed: as recipe and images say, else by whom its processes run as; undefined: not at all. */
function otherUser(said: string | undefined, before: ReadonlySet<number>, now: ProcessUsers): Changed | undefined {
  if (said !== undefined) return { change: said, now };
  const found = changedUsers(before, now);
  return found && { change: `${[...found.gone].join(", ")} -> ${[...found.now.uids].join(", ")}`, ...found };
}

/** User of a service, as the recipe or else its image says; undefined where the image is not there. */
async function userOf({ engine }: Placed, { user, image }: ServiceSpec): Promise<string | undefined> {
  const said = user || (await imageInsides(engine, image))?.user;
  return said === undefined ? undefined : said || "root";
}

/** Another user of a service's processes. */
interface Changed {
  /** For a person. */
  change: string;
  /** Whom files may belong to that are asked for. Default: anybody. */
  gone?: ReadonlySet<number>;
  now: ProcessUsers;
}

async function unwritable(
  service: ServiceSpec,
  { change, gone, now }: Changed,
  context: CheckContext,
  resticOf: ResticOf,
): Promise<string[]> {
  const since = await madeAt(context, service);
  const own = lostVolumes(context.app);
  const problems: string[] = [];
  for (const mount of service.mounts.filter(({ type, readOnly }) => type === "volume" && !readOnly)) {
    const volume = own.find(({ name }) => name === mount.source);
    if (!volume) continue;
    const files = await filesSince(resticOf(context), volume.name, since);
    const denied = files.find((file) => (gone?.has(file.uid) ?? true) && !mayWrite(now, file));
    if (!denied) continue;
    const inner = denied.path.slice(archiveFolder(volume.name).length + 1);
    problems.push(
      `${service.key} ran as another user before (${change}), and can't write to what it wrote then: volume ${volume.key}: ${inner} belongs to ${denied.uid}:${denied.gid}, mode ${denied.mode.toString(8)}. Change the files' owner in the entrypoint, or go on as the same user`,
    );
  }
  return problems;
}

/** Files that were written since a time, in seconds: not those that came with the image, nor our own. */
async function filesSince(restic: Restic, volume: string, since: number): Promise<OwnedFile[]> {
  const script = `find "$1" -xdev -type f ! -name "$2" -newermt "@$3" -exec stat -c "%u %g %a %n" {} + | head -n ${MOST}`;
  const listing = await restic.inHelper(["sh", "-c", script, "sh", archiveFolder(volume), MARKER, String(since)]);
  return listing
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [uid, gid, mode, ...path] = line.split(" ");
      return { uid: Number(uid), gid: Number(gid), mode: Number.parseInt(mode ?? "", 8), path: path.join(" ") };
    });
}
