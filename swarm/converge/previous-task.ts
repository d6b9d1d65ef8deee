import { humanize } from "../../lib/duration.ts";
import { newestFirst } from "../task.ts";
import { isCurrent, type ServiceView } from "./converge-judge.ts";

/** Exit code of a program that a kill ended (128 and SIGKILL). */
const KILLED = 137;

/**
 * What the task before one that ended by itself has to do with it: a lock or a socket in its volume is there but once,
 * and one that was killed while it stopped leaves it behind. Empty where nothing shows that it has.
 */
export function becauseOfThePrevious({ service, tasks }: Pick<ServiceView, "service" | "tasks">): string {
  const previous = tasks.filter((task) => service && !isCurrent(service, task));
  const startsFirst = service?.Spec?.UpdateConfig?.Order === "start-first";
  if (startsFirst && previous.some(({ Status }) => Status.State === "running")) {
    return "; the task before it still ran, which deploy.update_config.order: stop-first ends first";
  }
  const [last] = newestFirst(previous);
  if (last?.Status.State !== "shutdown" || last.Status.ContainerStatus?.ExitCode !== KILLED) return "";
  const grace = last.Spec.ContainerSpec?.StopGracePeriod;
  const time = grace === undefined ? "in time" : `within ${humanize(grace / 1e6)}`;
  return `; the task before it did not stop ${time} (stop_grace_period) and was killed, which may have left this behind`;
}
