import type { ServiceSpec } from "../../compose/app-spec.ts";
import { plural } from "../../lib/plural.ts";
import { imageInsides, insidesOf } from "../../swarm/container-insides.ts";
import { type CheckContext, CheckFailure, type CheckFunction } from "../check.ts";
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
  const lasting = service.mounts.filter(({ type, source }) => type !== "tmpfs" && source !== undefined);
  const loses = `each new container of ${service.key} begins with an empty database. Where it may: mayLose in the recipe's ci.ts`;
  if (lasting.length === 0) return `${service.key} (${service.image}) mounts no volume: ${loses}`;
  const container = await runningContainer(context.swarm, service.name, "recipe", context.signal);
  const [{ anonymous, env }, image] = await Promise.all([
    insidesOf(container),
    imageInsides(container.engine, service.image),
  ]);
  const targets = lasting.map(({ target }) => target);
  const mounted = `${service.key} mounts ${targets.join(", ")}`;
  const data = env.PGDATA;
  if (data && !targets.some((target) => within(data, target))) {
    return `${mounted}, and keeps its data at ${data} (PGDATA), in no volume of the recipe: ${loses}`;
  }
  const declared = image?.volumes ?? [];
  const near = (path: string) => targets.some((target) => within(path, target) || within(target, path));
  if (declared.length === 0 || declared.some(near)) return undefined;
  return `${mounted}, and its image keeps data at ${declared.join(", ")}, now in ${plural(anonymous.length, "volume")} without a name: ${loses}`;
}
