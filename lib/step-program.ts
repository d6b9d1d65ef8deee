import { describe, UserError, UserErrors } from "./errors.ts";

/** The step of a name. @throws UserError for a name that is none */
export function stepNamed<T>(steps: Readonly<Record<string, T>>, name: string): T {
  const step = Object.hasOwn(steps, name) ? steps[name] : undefined;
  if (step !== undefined) return step;
  throw new UserError(`not a step: "${name}"`, { remedy: `use one of: ${Object.keys(steps).join(", ")}` });
}

/**
 * Does the one step that a program of a stack's command was started for: its answer goes to standard output as JSON, a
 * failure to standard error. Exit code 2: wrong use; 3: it failed.
 */
export async function answerStep(step: () => unknown): Promise<void> {
  try {
    console.log(JSON.stringify((await step()) ?? {}));
  } catch (error) {
    // Marked, since progress comes before it on the same stream.
    process.stderr.write(`error: ${describe(error)}\n`);
    const wrongUse = error instanceof UserError || error instanceof UserErrors || error instanceof TypeError;
    process.exitCode = wrongUse ? 2 : 3;
  }
}
