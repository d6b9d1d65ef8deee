import type { Duration } from "../lib/duration.ts";
import { DeadlineError, until } from "../lib/until.ts";
import { type Engine, engineMessage, type Swarm, statusOf } from "./client.ts";
import { enginesSeen } from "./engines.ts";
import { type Inventory, type InventoryEntry, type InventoryKind, inventory, type UnseenNode } from "./inventory.ts";
import { placeId } from "./place.ts";
import { hasEnded, listTasks } from "./task.ts";

export interface RemoveOptions {
  /** Default 60 s. */
  deadline?: Duration;
  signal?: AbortSignal;
}

export interface Removal {
  /** What is still there when the deadline passed; empty when all is gone. */
  left: InventoryEntry[];
  /** Why, in the engine's words; undefined when nothing is left. */
  reason?: string;
}

/** Objects that hold others: each wave is removed only when nothing of the earlier ones is left. */
const WAVES: readonly (readonly InventoryKind[])[] = [
  ["service"],
  ["container"],
  ["network", "volume", "secret", "config"],
];

/**
 * Removes everything that carries the run's label, and nothing else. Containers are killed, not stopped: nothing
 * of the run is kept, so there is nothing to save. Objects 'in use' are tried again until the deadline.
 */
export async function removeByRun(swarm: Swarm, run: string, options: RemoveOptions = {}): Promise<Removal> {
  if (!run) throw new RangeError("no run named: an empty label value would match objects of others");
  const services = new Set<string>();
  let left: InventoryEntry[] = [];
  // What says so is removed with all else.
  const place = await placeId(swarm, run);
  const sweep = async () => {
    const all = await inventory(swarm);
    const lost = all.unseen?.find(({ id }) => id === place);
    left = [...ofRun(all, run, services), ...(lost ? [asEntry(lost)] : [])];
    const kinds = WAVES.find((wave) => left.some((entry) => wave.includes(entry.kind)));
    const due = kinds ? left.filter((entry) => kinds.includes(entry.kind)) : [];
    // As the inventory has just found them.
    const engines = enginesSeen(swarm);
    const problems = await Promise.all(
      due.map((entry) => remove(engines.find(({ node }) => node === entry.node) ?? swarm, entry)),
    );
    const problem = problems.find((one) => one !== undefined);
    // One that is down can't be waited for; one that is ready, or seems to be, is.
    if (lost && !lost.ready && left.length === 1) throw new Lost(lost);
    if (lost) return { done: false as const, reason: problem ?? `the engine of node ${lost.name} does not answer` };
    if (left.length) return { done: false as const, reason: problem ?? `${left[0]?.kind} ${left[0]?.name} is there` };
    if (await isStarting(swarm, services)) return { done: false as const, reason: "a task is still being started" };
    return { done: true as const, value: undefined };
  };
  try {
    await until(sweep, {
      what: `removal of ${run}`,
      deadline: options.deadline ?? "60 s",
      every: "50 ms",
      signal: options.signal,
    });
    return { left: [] };
  } catch (error) {
    if (error instanceof Lost) return { left, reason: error.message };
    if (error instanceof DeadlineError) return { left, reason: error.lastReason };
    throw error;
  }
}

/** What a run has on its node stays, as the node is down. */
class Lost extends Error {
  constructor({ name }: UnseenNode) {
    super(`it is down: start it and end the run again, or strike it off: docker node rm --force ${name}`);
  }
}

function asEntry({ id, name }: UnseenNode): InventoryEntry {
  return { kind: "node", id, name };
}

/** The run's objects. `services` remembers its services, whose containers outlive them for a moment. */
function ofRun({ entries }: Inventory, run: string, services: Set<string>): InventoryEntry[] {
  for (const entry of entries) if (entry.kind === "service" && entry.run === run) services.add(entry.id);
  return entries.filter(
    (entry) => entry.run === run || (entry.serviceId !== undefined && services.has(entry.serviceId)),
  );
}

/** Whether a node may still make a container for a service that is gone already. */
async function isStarting(swarm: Swarm, services: ReadonlySet<string>): Promise<boolean> {
  if (services.size === 0) return false;
  const tasks = (await listTasks(swarm)).filter((task) => services.has(task.ServiceID));
  return tasks.some(({ Status }) => !hasEnded(Status.State) && Status.State !== "running");
}

/** Asks for one removal; gives the engine's objection, or undefined when it has none. */
async function remove(engine: Engine, entry: InventoryEntry): Promise<string | undefined> {
  try {
    await removal(engine, entry);
    return undefined;
  } catch (error) {
    return statusOf(error) === 404 ? undefined : `${entry.kind} ${entry.name}: ${engineMessage(error)}`;
  }
}

async function removal({ docker }: Engine, entry: InventoryEntry): Promise<void> {
  switch (entry.kind) {
    case "service":
      return docker.getService(entry.id).remove();
    case "container":
      return docker.getContainer(entry.id).remove({ force: true, v: true });
    case "network":
      return docker.getNetwork(entry.id).remove();
    case "volume":
      return docker.getVolume(entry.id).remove();
    case "secret":
      return docker.getSecret(entry.id).remove();
    case "config":
      return docker.getConfig(entry.id).remove();
    case "node":
    case "task": // Goes with its service.
      return;
  }
}
