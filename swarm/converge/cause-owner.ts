import type { ContainerRecord } from "../container-record.ts";
import type { Task } from "../task.ts";
import { missingBind } from "./cause-sentence.ts";
import type { ConvergeCauseKind } from "./converge-error.ts";

/** A folder of the recipe itself, as abra has it on the machine of an operator: no node has that. */
const OF_THE_RECIPE = /\/\.abra\/recipes\//;

/** What the engine says where it fails at a mount of its own, now and then (moby daemon/container_operations_unix.go). */
const OWN_MOUNT =
  /starting container failed: .*(?:unable to remount dir as readonly|\/containers\/[0-9a-f]{64}\/mounts)/;
/** Times in a row that it may. */
const MOST_STUMBLES = 3;

/** Tasks that the engine could not start by no fault of theirs, each of which has another in its place; not where it goes on. */
export function stumbles(tasks: readonly Task[]): readonly Task[] {
  const found = tasks.filter((task) => isStumble(task) && task.Spec?.RestartPolicy?.Condition !== "none");
  return found.length > MOST_STUMBLES ? [] : found;
}

function isStumble({ Status }: Task): boolean {
  return OWN_MOUNT.test(Status.Err ?? "");
}

/**
 * Whose the end of a task is. Every image was on the node before, what has no limit of its own may use all the memory
 * there is, and which folders a node has is its operators' business.
 */
export function ownerOf(kind: ConvergeCauseKind, task: Task, record: ContainerRecord | undefined): "recipe" | "infra" {
  const folder = missingBind(task);
  const nodes =
    kind === "image" ||
    record?.outOfMemory === 0 ||
    isStumble(task) ||
    /no space left on device/.test(task.Status.Err ?? "") ||
    (folder !== undefined && !OF_THE_RECIPE.test(folder));
  return nodes ? "infra" : "recipe";
}
