import { type Engine, found } from "./client.ts";
import { containerLogs } from "./logs.ts";

/** What is kept of a container that did not do well. */
export interface ContainerRecord {
  running: boolean;
  exitCode?: number;
  /** Bytes it might use when the kernel ended it for want of memory; 0: it had no limit of its own. */
  outOfMemory?: number;
  /** `starting`, `healthy`, `unhealthy`; undefined without a health check. */
  health?: string;
  /** Probes that failed one after the other, up to the last one; 0 where that did well. */
  failing?: number;
  /** What the last failed probe printed, with its exit code. */
  probe?: { exitCode: number; output: string };
  logs?: string;
}

/** State and health of a container, without its logs; undefined when it is gone. */
export async function containerHealth(engine: Engine, id: string): Promise<ContainerRecord | undefined> {
  const info = await found(engine.docker.getContainer(id).inspect());
  if (!info) return undefined;
  const health: Health | undefined = info.State.Health;
  const failed = health?.Log?.filter((probe) => probe.ExitCode !== 0).at(-1);
  return {
    running: info.State.Running,
    exitCode: info.State.Status === "exited" ? info.State.ExitCode : undefined,
    outOfMemory: info.State.OOMKilled ? (info.HostConfig.Memory ?? 0) : undefined,
    health: health?.Status === "none" ? undefined : health?.Status,
    failing: health?.FailingStreak,
    probe: failed && { exitCode: failed.ExitCode, output: failed.Output.trim() },
  };
}

interface Health {
  Status?: string;
  FailingStreak?: number;
  Log?: { ExitCode: number; Output: string }[] | null;
}

/** State, health and last log lines of a container; undefined when it is gone. */
export async function recordOf(
  engine: Engine,
  id: string,
  redact: (text: string) => string,
): Promise<ContainerRecord | undefined> {
  const [record, logs] = await Promise.all([
    containerHealth(engine, id),
    // Logs are a courtesy: a log driver without reading must not hide the failure itself.
    containerLogs(engine, id, { redact }).catch(() => ""),
  ]);
  if (!record) return undefined;
  const probe = record.probe && { ...record.probe, output: redact(record.probe.output) };
  return { ...record, probe, logs: logs || undefined };
}

/** True when the probe could not be started at all because the image lacks the program (moby, daemon/health.go). */
export function isProbeMissing(record: ContainerRecord): boolean {
  return record.probe?.exitCode === -1 && /executable file not found|no such file/.test(record.probe.output);
}
