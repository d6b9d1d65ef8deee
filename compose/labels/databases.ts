import type { AppSpec, ServiceSpec } from "../app-spec.ts";
import { imageName } from "../convert/image-name.ts";
import { hasContainers } from "../convert/lasting.ts";
import { type BackupHook, type BackupPlan, backupPlan } from "./backup-labels.ts";

/** Images whose containers exist to keep data, and whose files are worth little while they run. */
const DATABASE =
  /(^|[/_-])(postgres|postgresql|postgis|pgvector|pgautoupgrade|timescaledb|mysql|mariadb|percona|mongo|mongodb|couchdb|influxdb|clickhouse|neo4j|cockroach|rethinkdb|surrealdb)($|[/_-])/;
/** What is in the name of an image beside a database. */
const BESIDE = /backup|exporter|admin|proxy|router|client|express/;
/** What a hook that writes a dump, and one that reads it, has in its command. */
const DUMPS = /dump|backup/i;
const LOADS = /restore|import|load|psql|mysql|mariadb|mongo/i;

/** Whether an image is a database's, by its name. */
export function isDatabase(image: string): boolean {
  const { name } = imageName(image);
  return DATABASE.test(name) && !BESIDE.test(name);
}

/** Programs that run what comes after `-c`, and what is in that text where it starts a database's server after all. */
const SHELL = /(^|\/)(ba|da|a)?sh$/;
const STARTS_SERVER =
  /entrypoint|\.sh\b|mysqld|mariadbd|mongod\b|influxd|clickhouse.server|neo4j|couchdb|cockroach|(^|[;&|]|\bexec|\b(gosu|su-exec|setpriv)\s.*)\s*(postgres|rethinkdb|surreal)\b/m;

/** Whether a service takes a database's image for the client in it: a shell runs a text that starts no server. */
function isClientOnly({ command = [], args = [] }: ServiceSpec): boolean {
  const [program = "", ...rest] = [...command, ...args];
  const option = rest.findIndex((word) => /^-[a-z]*c$/.test(word));
  if (!SHELL.test(program) || option < 0) return false;
  return !STARTS_SERVER.test(rest.slice(option + 1).join("\n"));
}

/** The services of an app that are databases and run, but for those of which nothing need last. */
export function databaseServices(app: AppSpec, mayLose: Record<string, string> = {}): ServiceSpec[] {
  return app.services.filter(
    (service) =>
      hasContainers(service) && !(service.key in mayLose) && isDatabase(service.image) && !isClientOnly(service),
  );
}

/** Hooks that dump a database before a backup: its own, and whatever dumps elsewhere. */
export function dumpsOf({ key }: ServiceSpec, { preHooks }: BackupPlan): BackupHook[] {
  return preHooks.filter(({ service, command }) => service === key || DUMPS.test(command));
}

/** Hooks that read a dump back after a restore. */
export function loadsOf({ key }: ServiceSpec, { restorePreHooks, restorePostHooks }: BackupPlan): BackupHook[] {
  const hooks = [...restorePreHooks, ...restorePostHooks];
  return hooks.filter(({ service, command }) => service === key || LOADS.test(command));
}

/** What a backup that is switched on leaves out of a database, a sentence each. */
export function databaseGaps(app: AppSpec, mayLose: Record<string, string> = {}): string[] {
  const plan = backupPlan(app);
  if (plan.problem) return [];
  return databaseServices(app, mayLose).flatMap((service) => {
    const volumes = plan.volumes.filter(({ volume }) => service.mounts.some(({ source }) => source === volume));
    if (volumes.length === 0 || volumes.every(({ key }) => key in mayLose)) return [];
    const what = `${service.key} (${service.image})`;
    if (dumpsOf(service, plan).length === 0) {
      const names = volumes.map(({ key }) => key).join(", ");
      return volumes.every(({ excluded }) => excluded)
        ? [`nothing of the database ${what} is in the backup: volume ${names} is left out, and no hook dumps it`]
        : [`the files of the database ${what} are copied while it runs (volume ${names}), and no hook dumps it`];
    }
    return loadsOf(service, plan).length === 0
      ? [`the database ${what} is dumped before a backup, and no restore hook reads the dump back`]
      : [];
  });
}
