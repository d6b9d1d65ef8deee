import type { BackupHook } from "../../compose/labels/backup-labels.ts";
import { lastWords } from "../../lib/plain-text.ts";
import { type CheckContext, CheckFailure } from "../check.ts";
import { execInService } from "../exec.ts";

/** Exit codes of an exec whose program is not there, or is none (moby, daemon/exec). */
const NO_PROGRAM = [126, 127];
/** Most characters of a hook's command that are shown. */
const SHOWN = 200;

/**
 * Runs hooks one after the other, as backup-bot-two does: with bash and pipefail.
 * @throws CheckFailure whose first line names label, service and the hook's own last word
 */
export async function runHooks(context: CheckContext, hooks: readonly BackupHook[]): Promise<void> {
  for (const hook of hooks) {
    const argv = ["bash", "-c", `set -o pipefail; ${hook.command}`] as const;
    const result = await execInService(context, hook.service, argv, { timeout: "300 s", accept: "any" });
    if (result.code !== 0) throw new CheckFailure(sentence(hook, result));
  }
}

/** Hooks for a person: `backupbot.backup.pre-hook of db`. */
export function hookNames(hooks: readonly BackupHook[]): string {
  return hooks.map(({ label, service }) => `${label} of ${service}`).join(", ");
}

function sentence(
  hook: BackupHook,
  { code, stdout, stderr }: { code: number; stdout: string; stderr: string },
): string {
  const output = (stderr.trim() || stdout.trim()).split("\n").slice(-12);
  const whose = hookNames([hook]);
  if (NO_PROGRAM.includes(code) && /"bash": executable file not found|exec: "bash"/.test(output.join("\n")))
    return `${whose} can't run: backup-bot-two runs hooks with bash, and the image has none`;
  const last = lastWords(output.join("\n"));
  const command = hook.command.length > SHOWN ? `${hook.command.slice(0, SHOWN)}…` : hook.command;
  return [
    `${whose} failed with exit code ${code}${last ? `: ${last}` : ""}`,
    `  the hook: ${command}`,
    ...output.slice(0, -1),
  ].join("\n");
}
