import type { Swarm } from "../client.ts";
import { listTasks } from "../task.ts";
import { stateOf } from "./converge-judge.ts";

/** One line per task of a service, newest first: when it was made, what became of it and why. */
export async function describeTasks(swarm: Swarm, serviceId: string): Promise<string> {
  const tasks = await listTasks(swarm, [serviceId]);
  return tasks
    .sort((one, other) => other.CreatedAt.localeCompare(one.CreatedAt))
    .map((task) => `${task.CreatedAt} ${task.ID.slice(0, 12)} wanted ${task.DesiredState}, is ${stateOf(task)}`)
    .join("\n");
}
