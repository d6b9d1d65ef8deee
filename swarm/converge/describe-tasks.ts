import type { Swarm } from "../client.ts";
import { listTasks, newestFirst } from "../task.ts";
import { stateOf } from "./converge-judge.ts";

/** One line per task of a service, newest first: when it was made, what became of it and why. */
export async function describeTasks(swarm: Swarm, serviceId: string): Promise<string> {
  const tasks = await listTasks(swarm, [serviceId]);
  return newestFirst(tasks)
    .map((task) => `${task.CreatedAt} ${task.ID.slice(0, 12)} wanted ${task.DesiredState}, is ${stateOf(task)}`)
    .join("\n");
}
