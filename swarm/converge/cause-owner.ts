import type { ContainerRecord } from "../container-record.ts";
import type { Task } from "../task.ts";
import { missingBind } from "./cause-sentence.ts";
import type { ConvergeCauseKind } from "./converge-error.ts";

/** A folder of the recipe itself, as abra has it on the machine of an operator: no node has that. */
const OF_THE_RECIPE = /\/\.abra\/recipes\//;

/**
 * Whose the end of a task is. Every image was on the node before, what has no limit of its own may use all the memory
 * there is, and which folders a node has is its operators' business.
 */
export function ownerOf(kind: ConvergeCauseKind, task: Task, record: ContainerRecord | undefined): "recipe" | "infra" {
  const folder = missingBind(task);
  const nodes =
    kind === "image" ||
    record?.outOfMemory === 0 ||
    /no space left on device/.test(task.Status.Err ?? "") ||
    (folder !== undefined && !OF_THE_RECIPE.test(folder));
  return nodes ? "infra" : "recipe";
}
