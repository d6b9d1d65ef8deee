import { posix } from "node:path";
import type { BackupPlan } from "../../compose/labels/backup-labels.ts";
import { literally } from "../../lib/plain-text.ts";
import { labelledPaths } from "../volumes/backed-up.ts";
import { hookNames } from "./hooks.ts";

/** What takes away a dump of before, or puts it elsewhere. */
const AWAY = /\b(rm|mv|truncate|unlink|shred|find|rsync|tee)\b/;

/**
 * Dumps that hooks add to and never begin anew, a sentence each: the second backup holds the rows of the first once
 * more, and a restore reads them in their order, or is refused by the rows that are twice. A run makes one backup, so
 * that nothing else shows it.
 */
export function appendedDumps(plan: BackupPlan): string[] {
  const commands = [...plan.preHooks, ...plan.postHooks].map(({ command }) => command);
  if (commands.some((command) => AWAY.test(command))) return [];
  return labelledPaths(plan).flatMap(({ path, label }) => {
    const file = literally(posix.basename(path));
    const named = new RegExp(`(?<![\\w.-])${file}(?![\\w.-])`, "g");
    const added = new RegExp(`>>\\s*["']?[^\\s"';&|<>()]*(?<![\\w.-])${file}(?![\\w.-])`, "g");
    const count = (words: RegExp) => commands.reduce((sum, command) => sum + [...command.matchAll(words)].length, 0);
    const hooks = plan.preHooks.filter(({ command }) => command.match(added) !== null);
    if (hooks.length === 0 || count(named) > count(added)) return [];
    return [
      `${hookNames(hooks)} adds to ${path}, which ${label} names, and nothing begins it anew: each backup holds all dumps before it as well. Write > in place of >>`,
    ];
  });
}
