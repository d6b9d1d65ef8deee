import type { Swarm } from "./client.ts";

/** Where a task is in its life (moby, api/types/swarm/task.go). */
export type TaskState =
  | "new"
  | "allocated"
  | "pending"
  | "assigned"
  | "accepted"
  | "preparing"
  | "ready"
  | "starting"
  | "running"
  | "complete"
  | "shutdown"
  | "failed"
  | "rejected"
  | "remove"
  | "orphaned";

/** A task as the engine's API gives it: the fields this project reads. */
export interface Task {
  ID: string;
  CreatedAt: string;
  ServiceID: string;
  /** Absent for global services. */
  Slot?: number;
  NodeID?: string;
  DesiredState: TaskState;
  Spec: TaskTemplate;
  Status: {
    /** When the task entered its state. */
    Timestamp: string;
    State: TaskState;
    Message?: string;
    Err?: string;
    ContainerStatus?: { ContainerID?: string; PID?: number; ExitCode?: number };
    /** Ports of the node that are the task's own. */
    PortStatus?: { Ports?: { TargetPort?: number; PublishedPort?: number }[] };
  };
  JobIteration?: { Index: number };
}

export interface TaskTemplate {
  ContainerSpec?: {
    Image?: string;
    /** Nanoseconds. */
    StopGracePeriod?: number;
    Healthcheck?: { Test?: string[] };
  };
  RestartPolicy?: { Condition?: string };
  Placement?: unknown;
}

/** Tasks of the given services, or of all. */
export async function listTasks(swarm: Swarm, serviceIds?: readonly string[]): Promise<Task[]> {
  if (serviceIds?.length === 0) return [];
  const tasks: Task[] = await swarm.docker.listTasks(serviceIds ? { filters: { service: serviceIds } } : {});
  return tasks;
}

/** The same tasks, the one made last first. */
export function newestFirst(tasks: readonly Task[]): Task[] {
  return tasks.toSorted((one, other) => other.CreatedAt.localeCompare(one.CreatedAt));
}

/** True for a state no task leaves again. */
export function hasEnded(state: TaskState): boolean {
  return ["complete", "shutdown", "failed", "rejected", "remove", "orphaned"].includes(state);
}
