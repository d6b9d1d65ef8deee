import { isShell } from "../../lib/swarm/shell.ts";
import type { AppSpec, ServiceSpec } from "../app-spec.ts";
import { imageName } from "../convert/image-name.ts";
import { hasContainers } from "../convert/lasting.ts";
import { type BackupHook, type BackupPlan, type BackupVolume, backupPlan } from "./backup-labels.ts";

/** Images whose containers exist to keep data, and whose files are worth little while they run. */
const DATABASE =
  /(^|[/_-])(postgres|postgresql|postgis|pgvector|pgautoupgrade|timescaledb|mysql|mariadb|percona|mongo|mongodb|couchdb|influxdb|clickhouse|neo4j|cockroach|rethinkdb|surrealdb|mssql|firebird|arangodb|cassandra|scylla)($|[/_-])/;
/** What is in the name of an image beside a database. */
const BESIDE = /backup|exporter|admin|proxy|router|client|express/;
/** What a hook that writes a dump, and one that reads it, has in its command. */
const DUMPS = /dump|backup/i;
const LOADS = /restore|import|load|psql|mysql|mariadb|mongo/i;

/** Where databases keep their own files, by their images' ways. */
const DATA_FOLDER =
  /postgres|pgdata|mysql|mariadb|mongo|^\/data\/(db|configdb)|couchdb|influxdb|clickhouse|neo4j|cockroach/;

/** Whether an image is a database's, by its name. */
export function isDatabase(image: string): boolean {
  const { name } = imageName(image);
  return DATABASE.test(name) && !BESIDE.test(name);
}

/** What is in a text for a shell that starts a database's server after all. */
const STARTS_SERVER =
  /entrypoint|\.sh\b|mysqld|mariadbd|mongod\b|influxd|clickhouse.server|neo4j|couchdb|cockroach|(^|[;&|]|\bexec|\b(gosu|su-exec|setpriv)\s.*)\s*(postgres|rethinkdb|surreal)\b/m;

/** Whether a service takes a database's image for the client in it: a shell runs a text that starts no server. */
function isClientOnly({ command = [], args = [] }: ServiceSpec): boolean {
  const [program = "", ...rest] = [...command, ...args];
  const option = rest.findIndex((word) => /^-[a-z]*c$/.test(word));
  if (!isShell(program) || option < 0) return false;
  return !STARTS_SERVER.test(rest.slice(option + 1).join("\n"));
}

/** Whether a service is a database's server, by its image and what it runs of it. */
export function isServer(service: ServiceSpec): boolean {
  return isDatabase(service.image) && !isClientOnly(service);
}

/** The services of an app that are databases and run, but for those of which nothing need last. */
export function databaseServices(app: AppSpec, mayLose: Record<string, string> = {}): ServiceSpec[] {
  return app.services.filter((service) => hasContainers(service) && !(service.key in mayLose) && isServer(service));
}

/** Hooks that dump a database before a backup: its own, and whatever dumps elsewhere. @param all databases of the app */
export function dumpsOf(database: ServiceSpec, { preHooks }: BackupPlan, all: readonly ServiceSpec[]): BackupHook[] {
  return preHooks.filter((hook) => isFor(hook, database, all, DUMPS));
}

/** Hooks that read a dump back after a restore. */
function loadsOf(database: ServiceSpec, plan: BackupPlan, all: readonly ServiceSpec[]): BackupHook[] {
  const hooks = [...plan.restorePreHooks, ...plan.restorePostHooks];
  return hooks.filter((hook) => isFor(hook, database, all, LOADS));
}

// The hook of one database says nothing of the next. One that runs elsewhere may be for all, unless it names some.
function isFor({ service, command }: BackupHook, { key }: ServiceSpec, all: readonly ServiceSpec[], does: RegExp) {
  if (service === key) return true;
  if (!does.test(command)) return false;
  const named = all.filter((one) => command.split(/[^\w-]+/).includes(one.key));
  if (named.length > 0) return named.some((one) => one.key === key);
  return all.every((one) => one.key !== service);
}

/** What a backup that is switched on leaves out of a database, a sentence each. */
export function databaseGaps(app: AppSpec, mayLose: Record<string, string> = {}): string[] {
  const plan = backupPlan(app);
  if (plan.problem) return [];
  const all = databaseServices(app);
  return databaseServices(app, mayLose).flatMap((service) => {
    const volumes = plan.volumes.filter(({ volume }) => service.mounts.some(({ source }) => source === volume));
    if (volumes.length === 0 || volumes.every(({ key }) => key in mayLose)) return [];
    const what = `${service.key} (${service.image})`;
    if (dumpsOf(service, plan, all).length === 0) {
      const names = volumes.map(({ key }) => key).join(", ");
      return volumes.every(({ excluded }) => excluded)
        ? [`nothing of the database ${what} is in the backup: volume ${names} is left out, and no hook dumps it`]
        : [`the files of the database ${what} are copied while it runs (volume ${names}), and no hook dumps it`];
    }
    if (loadsOf(service, plan, all).length === 0)
      return [`the database ${what} is dumped before a backup, and no restore hook reads the dump back`];
    return filesToo(service, plan).map(
      ({ key }) =>
        `the database ${what} is dumped, and its own files are in the backup as well (volume ${key}, whole): a restore puts them back under the running database${unknownLabels(plan)}`,
    );
  });
}

/** Volumes in which a database has its own files, and that are in the backup whole. */
function filesToo({ mounts }: ServiceSpec, { volumes }: BackupPlan): BackupVolume[] {
  const own = mounts.filter(({ target }) => DATA_FOLDER.test(target)).map(({ source }) => source);
  return volumes.filter(({ volume, paths, excluded }) => own.includes(volume) && !paths && !excluded);
}

// A volume whose name is misspelt in a label is one that no label narrows.
function unknownLabels({ warnings }: BackupPlan): string {
  const unknown = warnings.flatMap((text) => /(\S+) names no volume/.exec(text)?.[1] ?? []);
  return unknown.length > 0 ? `; ${unknown.join(", ")} names no volume of the app` : "";
}
