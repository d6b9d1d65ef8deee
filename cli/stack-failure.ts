import { InfraError, UserError, UserErrors } from "../lib/errors.ts";
import { causeOf, remedyFor } from "../lib/known-causes.ts";
import type { Operation } from "../lifecycle/stack.ts";
import { nameOf } from "./event-steps.ts";
import { type Doing, stepOf } from "./step-words.ts";

/**
 * The error of an operation on a stack that failed: first what and why in one sentence, then the remedy,
 * then where the rest is.
 *
 * @param subject what the stack is, e.g. `the node`
 * @param thrown what the program itself threw: its own words, and remedy, are the better ones
 */
export function stackFailure(
  subject: string,
  operation: Operation,
  doing: Doing,
  log: string,
  thrown?: unknown,
): Error {
  if (thrown instanceof UserError || thrown instanceof UserErrors || thrown instanceof InfraError) return thrown;
  const [failure] = operation.failures;
  const told = failure ? ownWords(failure.message) : { words: withoutNoise(operation.error ?? "it failed") };
  const step = failure ? `${stepOf(nameOf(failure.urn), "making").title}: ` : "";
  const what = doing === "making" ? "brought up" : "removed";
  return new InfraError(`${subject} can't be ${what}: ${step}${causeOf(told.words)}`, {
    remedy:
      remedyFor(told.words) ?? told.remedy ?? `run again: what was ${doing === "making" ? "made" : "removed"} stays so`,
    log,
  });
}

/** What a step of machine/main.ts says at its end, after its progress: `error: ...`, and perhaps a remedy. */
function ownWords(message: string): { words: string; remedy?: string } {
  const at = message.lastIndexOf("\nerror: ");
  const own = at < 0 ? message.replace(/^.*exit status \d+: running .*\n/, "") : message.slice(at + "\nerror: ".length);
  const [words = "", remedy] = own.split(/\n {2}remedy: /);
  return { words, remedy: remedy?.split("\n")[0] };
}

/** What Pulumi said, without the words of the SDK around it. */
function withoutNoise(text: string): string {
  const lines = text.split("\n").map((line) => line.replace(/^ *(?:code:|stdout:|stderr:|Error:) ?/, "").trim());
  const told = lines.find((line) => /^error: /i.test(line)) ?? lines.find((line) => /[a-z]/i.test(line)) ?? "";
  return told.replace(/^error: /i, "");
}
