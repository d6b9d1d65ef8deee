import { shellWords } from "./shell-words.ts";

/** What backup-bot-two makes of the text of a hook's label. */
export interface HookCommand {
  /** Shell text for `bash -c "set -o pipefail; <command>"`. */
  command: string;
  /** What it does otherwise than the label looks. */
  warnings: string[];
}

const PIPEFAIL = "set -o pipefail;";
/** Most characters of a command that are shown. */
const SHOWN = 120;

/**
 * What of a label bash gets to run: backup-bot-two takes an outer `sh -c` or `bash -c` off, then a first and a last
 * quote that are alike, puts the rest into single quotes after `bash -c`, and has Docker's client cut that into words
 * (backupbot.py: run_commands). So single quotes within end those, and what comes after the first word is no part of
 * the command.
 */
export function hookCommand(label: string): HookCommand {
  const [, path = "", rest] = /^((?:\/[\w/]+\/)?)(?:ba)?sh -c ?(.*)$/s.exec(label) ?? [];
  const bare = rest ?? label;
  const inner = /^(['"])(.*)\1$/s.exec(bare);
  const text = inner?.[2] ?? bare;
  const paths = path ? ["backup-bot-two knows sh -c and bash -c without a path: leave it out"] : [];
  const several = inner && text.includes(inner[1] ?? "") ? [SEVERAL] : [];
  const words = shellWords(`bash -c '${PIPEFAIL}${text}'`);
  if (!words) {
    const unbalanced = "has a quote without its end: backup-bot-two can't cut it into words, and never runs it";
    return { command: text, warnings: [...paths, ...several, unbalanced] };
  }
  const command = (words[2] ?? "").slice(PIPEFAIL.length);
  const cut = command === text ? [] : [lost(command)];
  return { command, warnings: [...paths, ...several, ...cut] };
}

const SEVERAL =
  "begins and ends with a quote, and has others between: backup-bot-two takes the first and the last for one pair";

function lost(command: string): string {
  const shown = command.length > SHOWN ? `${command.slice(0, SHOWN)}…` : command;
  return `loses its single quotes in backup-bot-two, which runs no more than: ${shown}; write double quotes, or a script`;
}
