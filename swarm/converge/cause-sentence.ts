import { bytes } from "../../lib/bytes.ts";
import { lastWords } from "../../lib/plain-text.ts";
import type { ContainerRecord } from "../container-record.ts";
import type { Task } from "../task.ts";
import type { ConvergeCauseKind } from "./converge-error.ts";
import { stateOf } from "./converge-judge.ts";

/** What the engine and its runtime say before the reason why a program can't be started. */
const RUNTIME = /starting container failed: .*unable to start container process: (.*?)(?:: unknown)?$/s;

/** What went wrong with a task, for a person, in one line that ends with what its program or its probe said last. */
export function causeSentence(
  kind: ConvergeCauseKind,
  task: Task,
  { exitCode, record }: { exitCode?: number; record?: ContainerRecord },
): string {
  if (record?.outOfMemory !== undefined) return outOfMemory(record.outOfMemory);
  if (kind === "unhealthy") return `its container is unhealthy${said(record?.probe?.output)}`;
  if (kind === "health-command-missing") return "its health check names a program that the image does not have";
  if (task.Status.State === "complete")
    return "its program ended by itself, with exit code 0; one that is meant to is a job: deploy.mode replicated-job, or restart_policy.condition none";
  const folder = missingBind(task);
  if (folder !== undefined)
    return `the node has no ${folder}, which a volume of the service binds: it has to be made on the node first, as its operators do; Swarm makes volumes that have a name`;
  const refused = RUNTIME.exec(task.Status.Err ?? "")?.[1];
  if (refused !== undefined) return `its program can't be started: ${refused}${executable(refused)}`;
  const code = exitCode !== undefined && !task.Status.Err?.includes(`(${exitCode})`) ? `, exit code ${exitCode}` : "";
  return `task ${stateOf(task)}${code}${kind === "exited" ? said(record?.logs) + interpreter(record?.logs) : ""}`;
}

/** What the engine says of a bind, and of a volume whose `driver_opts` bind (`type: none`, `o: bind`). */
const NO_FOLDER = [
  /bind source path does not exist: (\S+)/,
  /failed to mount local volume: mount (\/[^:]*):.*: no such file or directory$/,
];

/** The path of the node that a service binds, itself or by a volume, and that is not there. */
export function missingBind({ Status }: Task): string | undefined {
  return NO_FOLDER.map((said) => said.exec(Status.Err ?? "")?.[1]).find((folder) => folder !== undefined);
}

/** What the kernel says of a script, it says of the script's interpreter (execve(2)). */
function interpreter(logs: string | undefined): string {
  const words = lastWords(logs) ?? "";
  if (/^exec \S+: no such file or directory$/.test(words))
    return "; a script that is there is not found where the image lacks the interpreter that its first line names, or that line ends in CRLF";
  if (/^exec \S+: exec format error$/.test(words)) return "; a script needs #! and its interpreter in its first line";
  return "";
}

function outOfMemory(limit: number): string {
  return limit > 0
    ? `it ran out of memory: its limit is ${bytes(limit)} (deploy.resources.limits.memory)`
    : "the node ran out of memory; it has no limit of its own (deploy.resources.limits.memory)";
}

/** A config is mounted for reading, unless it says otherwise. */
function executable(refused: string): string {
  return refused.includes("permission denied") ? "; where a config is run, it needs mode: 0555" : "";
}

/** `: ` and the last words of an output, for the end of a sentence; empty where it has none. */
export function said(output: string | undefined): string {
  const words = lastWords(output);
  return words === undefined ? "" : `: ${words}`;
}
