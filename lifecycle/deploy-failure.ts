import { type Failure, failureOf } from "../checks/recorder.ts";
import type { Operation } from "./stack.ts";

/** What providers and the engine say when the machinery failed under them, and not what they were asked for. */
const MACHINERY = [
  // docker/cli and its client library, of an engine that is gone or going
  /cannot connect to the docker daemon|is the docker daemon running|error during connect/i,
  /connection (?:refused|reset)|broken pipe|unexpected EOF|i\/o timeout|context deadline exceeded/i,
  /the Docker Engine at \S+ (?:does not answer|refuses)/,
  // Pulumi, of a plugin that died: gRPC's words
  /error reading from server: EOF|code = Unavailable|transport is closing|plugin .* exited|panic: /i,
  /no space left on device/i,
  // A subnet that somebody took since it was looked at: two of one recipe's own that meet are refused by loading.
  /pool overlaps with other one/i,
];

/** What else is known of an `up` that failed. */
export interface Circumstances {
  /** The run was cancelled. */
  cancelled: boolean;
  /** The time for it was over. */
  late: boolean;
  /** What the stack's program itself threw. */
  thrown?: unknown;
}

/** What a mistake in code says of itself where the stack's program broke while nobody waited for it. */
const BROKEN_CODE = /\b(?:Type|Reference|Range|Syntax)Error\b/;

/** Why an `up` failed, checks aside, and whose that is; undefined when it didn't. */
export function deployFailure(operation: Operation, { cancelled, late, thrown }: Circumstances): Failure | undefined {
  if (thrown !== undefined) return failureOf(thrown);
  const resources = operation.failures.filter(({ urn }) => !isOf("Check", urn));
  const said = [...resources.map(({ urn, message }) => `${urn.split("::").at(-1)}: ${message}`), operation.error ?? ""];
  const error = said.filter(Boolean).join("\n");
  if (!error) return undefined;
  const machinery = cancelled || late || MACHINERY.some((words) => words.test(error));
  if (machinery) return { status: "failed", error, owner: "infra" };
  // The recipe asks for its app alone: probe, helper, guard and what the engine says of itself are no part of it.
  const apps = resources.filter(({ urn }) => isOf("SwarmApp", urn));
  const needed = apps.map(({ urn }) => dependencyOf(urn));
  if (needed.includes(undefined)) return { status: "failed", error, owner: "recipe" };
  if (needed.length > 0) return { status: "failed", error: `dependency ${needed[0]}: ${error}`, owner: "dependency" };
  if (!BROKEN_CODE.test(error)) return { status: "failed", error, owner: "infra" };
  return { status: "failed", error: `a defect of recipe-ci: ${error}`, owner: "defect", trace: error };
}

/** The recipe whose app a resource is in, where that is one that the tested one needs. */
function dependencyOf(urn: string): string | undefined {
  return /^needs:([^:]+)/.exec(urn.split("::").at(-1) ?? "")?.[1];
}

/** Whether a resource is a component of the project's own, or in one. */
function isOf(component: string, urn: string): boolean {
  const types = urn.split("::")[2]?.split("$") ?? [];
  return types.includes(`recipe-ci:index:${component}`);
}
