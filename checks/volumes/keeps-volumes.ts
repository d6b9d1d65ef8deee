import type { AppSpec, Mount, ServiceSpec } from "../../compose/app-spec.ts";
import { imageName } from "../../compose/convert/image-name.ts";
import { isDatabase } from "../../compose/labels/databases.ts";
import { plural } from "../../lib/plural.ts";
import { imageInsides, insidesOf, writtenBelow } from "../../swarm/container-insides.ts";
import type { Placed } from "../../swarm/exec.ts";
import type { CheckContext, CheckFunction } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { runningContainer, standingServices } from "../container.ts";
import { dataWithoutName } from "./keeps-data.ts";
import { isScratch } from "./lost-volumes.ts";

/** A volume that a service of base may write to, and so may hold what operators can't make again. */
export interface DataPlace {
  service: string;
  /** Key of the volume. */
  volume: string;
  /** Its final name. */
  name: string;
  /** Where the service has it. */
  target: string;
}

/** What becomes of base's volumes in head. */
export interface VolumeMoves {
  /** No service of head mounts these, though the one that did is still there. */
  lost: DataPlace[];
  /** These are mounted elsewhere than before. */
  moved: DataPlace[];
  /** These are where they were. */
  kept: DataPlace[];
}

/**
 * Compares where two versions keep their data. A service that head has no more, and that nothing succeeds, took its
 * volumes with it, unless it was a database: what that held must still be mounted somewhere.
 */
export function volumeMoves(base: AppSpec, head: AppSpec): VolumeMoves {
  const moves: VolumeMoves = { lost: [], moved: [], kept: [] };
  for (const service of base.services) {
    const after = successor(service, base, head);
    if (after === undefined && !isDatabase(service.image)) continue;
    for (const mount of dataMounts(base, service)) {
      const place = placeOf(base, service, mount);
      const same = (one: Mount) => one.source === mount.source && one.volume?.subpath === mount.volume?.subpath;
      if (after?.mounts.some((one) => same(one) && one.target === mount.target)) moves.kept.push(place);
      else if (head.services.some(({ mounts }) => mounts.some(same))) moves.moved.push(place);
      else moves.lost.push(place);
    }
  }
  return moves;
}

/**
 * Head still has base's volumes, where its services keep their data. Swarm updates a service whatever becomes of its
 * volumes: a renamed one is simply empty.
 *
 * @param mayLose reasons, by key of a volume or service, why nothing of it is needed
 */
export function keepsVolumes(base: AppSpec, head: AppSpec, mayLose: Record<string, string> = {}): CheckFunction {
  return async (context) => {
    const moves = volumeMoves(base, head);
    const counts = ({ volume, service }: DataPlace) => !(volume in mayLose || service in mayLose || isScratch(volume));
    const problems = moves.lost.filter(counts).map((place) => lostSentence(place, head));
    const stays = [...moves.moved, ...moves.kept].filter(counts);
    for (const place of stays) problems.push(...(await leftBehind(place, moves.moved.includes(place), base, context)));
    problems.push(...(await dataWithoutName(context, mayLose)));
    if (problems.length > 0) throw new CheckFailure([...new Set(problems)].join("\n"), { details: { ...moves } });
    return { summary: summaryOf(moves), details: { ...moves } };
  };
}

function summaryOf({ kept, moved, lost }: VolumeMoves): string {
  const parts = [
    `${plural(kept.length, "volume")} where ${kept.length === 1 ? "it was" : "they were"}`,
    ...moved.map(({ volume, service, target }) => `${volume} no more at ${target} of ${service}`),
    ...lost.map(({ volume }) => `${volume} given up, which need not last`),
  ];
  return parts.join("; ");
}

function lostSentence({ service, volume, target }: DataPlace, head: AppSpec): string {
  const now = head.services.flatMap(({ mounts }) => mounts).find((mount) => mount.target === target);
  const other = head.volumes.find((one) => one.name === now?.source)?.key;
  const instead = other ? `; head has volume ${other} there, which is empty` : "";
  return `volume ${volume}: no service of head mounts it, and ${service} of base keeps its data there (${target})${instead}. The upgrade loses them. Where nothing of it is needed: mayLose in the recipe's ci.ts`;
}

/** What a service of head keeps at the old place, or about it, in no volume of the recipe. */
async function leftBehind(
  { service, volume, target }: DataPlace,
  moved: boolean,
  base: AppSpec,
  context: CheckContext,
): Promise<string[]> {
  const [running] = await standingServices(
    context.swarm,
    context.app.services.filter(({ key }) => key === service),
  );
  if (!running) return [];
  const container = await runningContainer(context.swarm, running.name, "recipe", context.signal);
  const { anonymous } = await insidesOf(container);
  const declared = await declaredBefore(container, base, service);
  const near = anonymous.filter((path) => !declared.includes(path) && (within(path, target) || within(target, path)));
  if (near.length > 0) {
    return [
      `${service} of head keeps ${near.join(", ")} in a volume without a name, since its image declares it and the recipe mounts nothing there; base has its data in volume ${volume}, at ${target}. What operators have is not there after the upgrade, and what comes is lost with the next one`,
    ];
  }
  if (!moved) return [];
  const [first] = await writtenBelow(container, target);
  return first === undefined
    ? []
    : [
        `${service} of head still writes to ${target} (${first}), where volume ${volume} was in base and nothing is mounted now: it does not find its data, and loses what it writes`,
      ];
}

// Without base's image nobody knows what is new in head's.
async function declaredBefore({ engine }: Placed, base: AppSpec, key: string): Promise<string[]> {
  const image = base.services.find((service) => service.key === key)?.image;
  return (image && (await imageInsides(engine, image))?.volumes) || [];
}

/** Whether a path is another or lies below it. */
export function within(path: string, folder: string): boolean {
  return `${path}/`.startsWith(`${folder.replace(/\/$/, "")}/`);
}

/** The service of head that goes on with what one of base did: by its key, else a new one of the same image. */
function successor(service: ServiceSpec, base: AppSpec, head: AppSpec): ServiceSpec | undefined {
  const isNew = ({ key }: ServiceSpec) => base.services.every((one) => one.key !== key);
  const image = imageName(service.image).name;
  return (
    head.services.find(({ key }) => key === service.key) ??
    head.services.find((one) => isNew(one) && imageName(one.image).name === image)
  );
}

function placeOf(app: AppSpec, service: ServiceSpec, { source = "", target }: Mount): DataPlace {
  const key = app.volumes.find(({ name }) => name === source)?.key ?? source;
  return { service: service.key, volume: key, name: source, target };
}

/** Mounts of named volumes that a service may write to, and that outlive its containers. */
function dataMounts(app: AppSpec, service: ServiceSpec): Mount[] {
  return service.mounts.filter(({ type, source, readOnly }) => {
    if (type !== "volume" || source === undefined || readOnly) return false;
    return app.volumes.find(({ name }) => name === source)?.driverOpts.type !== "tmpfs";
  });
}
