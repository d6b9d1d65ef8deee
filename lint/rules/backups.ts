import { type BackupPlan, backupPlan } from "../../compose/labels/backup-labels.ts";
import { isDatabase } from "../../compose/labels/databases.ts";
import { appOf } from "../app-of.ts";
import { findingsOf } from "../findings.ts";
import type { RecipeState } from "../recipe-state.ts";
import type { Finding, Rule } from "../rule.ts";

export const backupLabels: Rule = {
  id: "C023",
  level: "warning",
  title: "Backup labels are those of version 2",
  why: "backup-bot-two ignores all others: what they were to back up, or leave out, it does not.",
  remedy: "Use backupbot.backup, backupbot.backup.volumes.<volume>[.path], and the pre- and post-hooks.",
  check: ({ head }) => {
    const broken = findingsOf(head, () => backupPlan(appOf(head)));
    if (broken.length > 0) return broken.map((one) => ({ ...one, ...placeOfLabel(head, one.message) }));
    return backupPlan(appOf(head)).warnings.map((message) => ({ message, ...placeOfLabel(head, message) }));
  },
};

export const databaseDump: Rule = {
  id: "C024",
  level: "warning",
  title: "Every database of an app with backups is dumped before a backup",
  why: "Files copied from under a running database may be worthless, which shows only at the restore.",
  remedy:
    "Add backupbot.backup.pre-hook with a dump, backup its file by .volumes.<volume>.path, and restore it in a hook.",
  check: ({ head }) => {
    const plan = planOf(head);
    if (!plan?.enabled) return [];
    return head.services
      .filter(({ image, mounts }) => isDatabase(image) && mounts.length > 0)
      .filter(({ key }) => !plan.preHooks.some((hook) => hook.service === key || /dump/.test(hook.command)))
      .map(({ key, image }) => ({
        message: `service ${key} (${image}) has no backup.pre-hook`,
        ...head.at("services", key, "deploy", "labels"),
      }));
  },
};

export const dumpRestored: Rule = {
  id: "C036",
  level: "error",
  title: "Every dump before a backup has a hook that restores it",
  why: "abra app restore brings the file of the dump back, and nobody puts it into the database: the data is lost.",
  remedy: "Add backupbot.restore.post-hook to the same service, with a command that fails where the dump is not there.",
  check: ({ head }) => {
    const { preHooks = [], restorePreHooks = [], restorePostHooks = [] } = planOf(head) ?? {};
    const restored = new Set([...restorePreHooks, ...restorePostHooks].map(({ service }) => service));
    const databases = new Set(head.services.filter(({ image }) => isDatabase(image)).map(({ key }) => key));
    return preHooks
      .filter(({ service, command }) => !restored.has(service) && (databases.has(service) || DUMP.test(command)))
      .map(({ service, label }) => ({
        message: `service ${service} has a hook that dumps, and none that restores`,
        ...placeOfLabel(head, `service ${service}: ${label}`),
      }));
  },
};

export const dumpsReplaced: Rule = {
  id: "C057",
  level: "warning",
  title: "Every dump before a backup takes the place of the one before, or is removed after it",
  why: "Named by the time, each is another file: they fill the volume, and every backup holds all of them.",
  remedy: "Write to one name, or remove the file in backupbot.backup.post-hook.",
  check: ({ head }) => {
    const { preHooks = [], postHooks = [] } = planOf(head) ?? {};
    const cleaning = [...preHooks, ...postHooks].filter(({ command }) => REMOVES.test(command));
    const cleaned = new Set(cleaning.map(({ service }) => service));
    return preHooks
      .filter((hook) => NAMED_BY_TIME.test(hook.command) && !cleaned.has(hook.service))
      .map(({ service, label }) => ({
        message: `service ${service} names what it writes before a backup by the time, and no hook removes it`,
        ...placeOfLabel(head, `service ${service}: ${label}`),
      }));
  },
};

/** What a hook that writes a dump has in its command. */
const DUMP = /dump|backup/i;

/** A name with the time in it, or a variable that is made for one; not the time in a sentence. */
const NAMED_BY_TIME = /[\w./=-](?:\$\(|`)\s*date\b|\$\(\s*date\b[^)]*\)[\w./-]|`\s*date\b[^`]*`[\w./-]/;
const REMOVES = /(?:^|[\s;&|(])(?:rm|unlink|find|logrotate)\s/;

/** What the labels say; undefined where they can't be read, which C023 tells. */
function planOf(head: RecipeState): BackupPlan | undefined {
  let plan: BackupPlan | undefined;
  findingsOf(head, () => {
    plan = backupPlan(appOf(head));
  });
  return plan;
}

/** A label is named in the message; of several services the one the message begins with. */
function placeOfLabel(head: RecipeState, message: string): Pick<Finding, "file" | "line"> {
  const label = /backupbot\.[\w.-]+/.exec(message)?.[0] ?? "";
  const service = /^service (\S+):/.exec(message)?.[1];
  const keys = service ? [service] : head.services.map(({ key }) => key);
  const written = keys.flatMap((key) => head.labels(key)).find(({ text }) => text.split("=")[0] === label);
  const { file, line } = written ?? head.at("services", keys[0] ?? "app", "deploy", "labels");
  return { file, line };
}
