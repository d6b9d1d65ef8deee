import type { AppSpec } from "../../compose/app-spec.ts";
import { backupPlan } from "../../compose/labels/backup-labels.ts";
import { literally } from "../../lib/plain-text.ts";
import type { Contents } from "./contents.ts";
import { bareName, mayBeEmpty } from "./lost-contents.ts";

/**
 * Tells which tables hooks of a backup may have emptied, of those that are without rows after them: a hook or a script of
 * the recipe's names it, or most of its database went with it. Any other was emptied by the app, which works off what
 * waits in a table at its own time.
 */
export function emptiedByHooks(app: AppSpec, noted: Contents, now: Contents): (table: string) => boolean {
  return (table) => {
    const named = new RegExp(`(?<!\\w)${literally(bareName(table))}(?!\\w)`);
    const beside = [...noted.tables].filter((one) => databaseOf(one) === databaseOf(table) && !mayBeEmpty(one));
    const left = beside.filter((one) => now.tables.has(one));
    return left.length < beside.length / 2 || wordsOf(app).some((text) => named.test(text));
  };
}

function wordsOf(app: AppSpec): string[] {
  const { preHooks, postHooks } = backupPlan(app);
  const scripts = app.configs.map(({ data }) => Buffer.from(data, "base64").toString());
  return [...[...preHooks, ...postHooks].map(({ command }) => command), ...scripts];
}

function databaseOf(table: string): string {
  return table.slice(0, table.length - bareName(table).length);
}
