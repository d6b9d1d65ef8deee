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

/** Why an `up` failed, checks aside, and whose that is; undefined when it didn't. */
export function deployFailure(operation: Operation, { cancelled, late, thrown }: Circumstances): Failure | undefined {
  if (thrown !== undefined) return failureOf(thrown);
  const resources = operation.failures.filter(({ urn }) => !urn.includes("recipe-ci:index:Check"));
  const said = [...resources.map(({ urn, message }) => `${urn.split("::").at(-1)}: ${message}`), operation.error ?? ""];
  const error = said.filter(Boolean).join("\n");
  if (!error) return undefined;
  const machinery = cancelled || late || MACHINERY.some((words) => words.test(error));
  return { status: "failed", error, owner: machinery ? "infra" : "recipe" };
}
