import type { AppCommand, AppSpec } from "../compose/app-spec.ts";
import { AFTER_DEPLOY, AFTER_UPGRADE } from "../compose/env/commands.ts";
import { InfraError } from "../lib/errors.ts";
import { lastOutput, lastWords } from "../lib/plain-text.ts";
import { asInfra, engineMessage, statusOf } from "../swarm/client.ts";
import { putFile } from "../swarm/files.ts";
import type { CheckContext, CheckFunction } from "./check.ts";
import { CheckFailure } from "./check-failure.ts";
import { runningContainer } from "./container.ts";
import { execInService } from "./exec.ts";
import { namedService } from "./named-service.ts";

/** What an app's container has of abra's, and for how long. */
const SCRIPT = "/tmp/abra.sh";

/** What abra calls in an app after an act of its operator's. */
export interface Called {
  /** The setting that says so. */
  key: string;
  commands: readonly AppCommand[];
}

/** What abra calls once it has deployed an app, or upgraded it in place; undefined for nothing. */
export function calledAfter({ commands }: AppSpec, act: "deploy" | "upgrade"): Called | undefined {
  const [key, all = []] =
    act === "deploy" ? [AFTER_DEPLOY, commands?.afterDeploy] : [AFTER_UPGRADE, commands?.afterUpgrade];
  return all.length > 0 ? { key, commands: all } : undefined;
}

/**
 * Calls functions of `abra.sh` as abra does: the file lies in the service's container, and its shell, bash where there
 * is one, sources it (abra, pkg/app RunCmdRemote).
 */
export function called({ key, commands }: Called): CheckFunction {
  return async (context) => {
    for (const command of commands) await call(context, key, command);
    return { summary: commands.map(({ service, call: text }) => `${text} in ${service}`).join("; ") };
  };
}

async function call(context: CheckContext, key: string, { service, call: text }: AppCommand): Promise<void> {
  const { app, swarm, signal } = context;
  const { engine, id } = await runningContainer(swarm, namedService(app, service).name, "recipe", signal);
  await asInfra(engine, putFile(engine, id, SCRIPT, app.commands?.script ?? "")).catch((error: unknown) => {
    const refusal = error instanceof InfraError ? error.cause : undefined;
    if ((statusOf(refusal) ?? 500) >= 500) throw error;
    throw new CheckFailure(`${key}: abra can't put abra.sh into /tmp of ${service}: ${engineMessage(refusal)}`);
  });
  const given = `TARGET=${service}; APP_NAME=${app.domain ?? app.recipe}; STACK_NAME=${app.namespace}`;
  const run = (shell: string) =>
    execInService(context, service, [shell, "-c", `${given}; . ${SCRIPT}; ${text}`], {
      timeout: "300 s",
      accept: "any",
      keepsEnd: true,
    });
  const first = await run("/bin/bash");
  const result = isMissing(first) ? await run("/bin/sh") : first;
  if (result.code === 0) return;
  if (isMissing(result)) throw new CheckFailure(`${key}: ${text} can't run in ${service}: its image has no shell`);
  const output = lastOutput(result);
  const last = lastWords(output.join("\n"));
  throw new CheckFailure(
    [
      `${key}: ${text} in ${service} failed with exit code ${result.code}${last ? `: ${last}` : ""}`,
      ...output.filter((line) => line.trim() !== last),
    ].join("\n"),
  );
}

/** How an engine says that the shell is not there; what a function says of its own programs is another matter. */
function isMissing({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }): boolean {
  return (code === 126 || code === 127) && /exec: "\/bin\/(ba)?sh"/.test(`${stderr}\n${stdout}`);
}
