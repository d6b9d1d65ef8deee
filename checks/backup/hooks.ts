import type { BackupHook } from "../../compose/labels/backup-labels.ts";
import { lastOutput, lastWords, plainText } from "../../lib/plain-text.ts";
import type { CheckContext } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { execInService } from "../exec.ts";

/** Exit codes of an exec whose program is not there, or is none (moby, daemon/exec). */
const NO_PROGRAM = [126, 127];
/** How Postgres and MariaDB say so (their errors 23505, 23503, 23502 and 1062, 1452, 1048). */
const REFUSED =
  /^(?:\S*:\d+: |.*\bpg_restore: .*|.*\bpsql: .*)?ERROR: {2}.*(?:duplicate key value|insert or update on table .*|null value in column .*) violates |^(?:--------------\s*)?ERROR (?:1062|1452|1048) \(/;
/** Lines of psql's and its like that add to the one before. */
const MORE = /^\s*(DETAIL|HINT|CONTEXT|STATEMENT|LOCATION|LINE \d+):|^\s*\^\s*$/;
/** Most characters of a hook's command that are shown. */
const SHOWN = 200;

/**
 * Runs hooks one after the other, as backup-bot-two does: with bash and pipefail.
 * @throws CheckFailure whose first line names label, service and the hook's own last word
 */
export async function runHooks(context: CheckContext, hooks: readonly BackupHook[]): Promise<void> {
  for (const hook of hooks) {
    const argv = ["bash", "-c", `set -o pipefail; ${hook.command}`] as const;
    // What a hook prints nobody reads unless it fails: `tar -v` of a large app is no failure.
    const asked = { timeout: "300 s", accept: "any", keepsEnd: true } as const;
    const result = await execInService(context, hook.service, argv, asked);
    if (result.code !== 0) throw new CheckFailure(failedHook(hook, result));
    const refused = refusedRow(result);
    if (refused) throw new CheckFailure(`${hookNames([hook])} ended with 0, and the database refused rows: ${refused}`);
  }
}

/** Hooks for a person: `backupbot.backup.pre-hook of db`. */
export function hookNames(hooks: readonly BackupHook[]): string {
  return hooks.map(({ label, service }) => `${label} of ${service}`).join(", ");
}

/**
 * psql goes on after an error, and ends with 0 unless ON_ERROR_STOP is set; so do others where a hook says so. What is
 * there already, or is to be dropped and is not, harms nothing. A row that is refused takes its whole table with it.
 */
export function refusedRow({ stdout, stderr }: { stdout: string; stderr: string }): string | undefined {
  return plainText(`${stderr}\n${stdout}`)
    .split("\n")
    .find((line) => REFUSED.test(line))
    ?.trim();
}

/** Why a hook failed: its label, its service and its own last word in the first line, its command and output below. */
export function failedHook(hook: BackupHook, result: { code: number; stdout: string; stderr: string }): string {
  const { code } = result;
  const output = lastOutput(result);
  const whose = hookNames([hook]);
  if (NO_PROGRAM.includes(code) && /"bash": executable file not found|exec: "bash"/.test(output.join("\n")))
    return `${whose} can't run: backup-bot-two runs hooks with bash, and the image has none`;
  // Postgres says what is wrong first, and more of it after that.
  const last = lastWords(output.filter((line) => !MORE.test(line)).join("\n"));
  // A config is mounted for reading, unless it says otherwise.
  const mode =
    code === 126 && /permission denied$/i.test(last ?? "") ? "; where a config is run, it needs mode: 0555" : "";
  const command = hook.command.length > SHOWN ? `${hook.command.slice(0, SHOWN)}…` : hook.command;
  return [
    `${whose} failed with exit code ${code}${last ? `: ${last}` : ""}${mode}`,
    `  the hook: ${command}`,
    ...output.filter((line) => line.trim() !== last),
  ].join("\n");
}
