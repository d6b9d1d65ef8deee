import type { ServiceSpec } from "../../compose/app-spec.ts";
import { plural } from "../../lib/plural.ts";
import { imageInsides, insidesOf } from "../../swarm/container-insides.ts";
import type { CheckContext, CheckFunction } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { runningContainer } from "../container.ts";
import { within } from "./keeps-volumes.ts";

/**
 * What databases keep lies in volumes of the recipe. An official image declares its data as a volume: where a recipe
 * mounts none there, or at a path that is not quite it, Docker makes one without a name, and each new container begins
 * with an empty database.
 */
export function keepsDatabases(services: readonly ServiceSpec[]): CheckFunction {
  return async (context) => {
    const problems = await Promise.all(services.map((service) => problemOf(service, context)));
    const found = problems.filter((problem) => problem !== undefined);
    if (found.length > 0) throw new CheckFailure(found.join("\n"));
    return { summary: `${plural(services.length, "database")}: ${services.map(({ key }) => key).join(", ")}` };
  };
}

async function problemOf(service: ServiceSpec, context: CheckContext): Promise<string | undefined> {
  const inMemory = context.app.volumes.filter(({ driverOpts }) => driverOpts.type === "tmpfs").map(({ name }) => name);
  const lasting = service.mounts.filter(
    ({ type, source }) => type !== "tmpfs" && source !== undefined && !inMemory.includes(source),
  );
  const loses = `each new container of ${service.key} begins with an empty database. Where it may: mayLose in the recipe's ci.ts`;
  if (lasting.length === 0) return `${service.key} (${service.image}) mounts no volume that lasts: ${loses}`;
  const container = await runningContainer(context.swarm, service.name, "recipe", context.signal);
  const [{ anonymous, env }, image] = await Promise.all([
    insidesOf(container),
    imageInsides(container.engine, service.image),
  ]);
  const targets = lasting.map(({ target }) => target);
  const mounted = `${service.key} mounts ${targets.join(", ")}`;
  const data = env.PGDATA;
  if (data) {
    if (isKept(data, targets, anonymous)) return undefined;
    return `${mounted}, and keeps its data at ${data} (PGDATA), in no volume of the recipe: ${loses}`;
  }
  const declared = image?.volumes ?? [];
  const kept = (path: string) => targets.some((target) => within(target, path)) || isKept(path, targets, anonymous);
  if (declared.length === 0 || declared.some(kept)) return undefined;
  return `${mounted}, and its image keeps data at ${declared.join(", ")}, now in ${plural(anonymous.length, "volume")} without a name: ${loses}`;
}

// What an image declares is mounted within a volume of the recipe as well, and hides what that has there.
function isKept(path: string, targets: readonly string[], anonymous: readonly string[]): boolean {
  const depth = (folders: readonly string[]) =>
    Math.max(-1, ...folders.filter((folder) => within(path, folder)).map((folder) => folder.length));
  return depth(targets) > depth(anonymous);
}
