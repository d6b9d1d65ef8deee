import type { AppSpec } from "../../compose/app-spec.ts";
import { backupPlan } from "../../compose/labels/backup-labels.ts";
import type { CheckContext } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { execInService } from "../exec.ts";
import { secretPlace } from "../mounted-secret.ts";
import { namedService } from "../named-service.ts";
import { labelledPaths } from "../volumes/backed-up.ts";
import type { Seed } from "./seed.ts";
import { CLIENTS, type SqlKind } from "./sql-clients.ts";

export interface SqlSeedArgs {
  /** Whose client is asked: MySQL's goes with `mariadb`. */
  kind: SqlKind;
  /** Needed where a recipe has several. Default `row`. */
  name?: string;
  /** Service key. Default `db`. */
  service?: string;
  /** Name of the database; for sqlite the path of its file. */
  database: string;
  /** Default: the name of the database. Means nothing to sqlite. */
  user?: string;
  /** Key of the secret with the user's password, as the service mounts it. Default: none is asked for. */
  password?: string;
  /**
   * Path of the file that the dump is, within its volume. Default: the first that a label
   * `backupbot.backup.volumes.<volume>.path` names for a volume of the service; where none does, only the restore
   * shows whether the backup holds the row.
   */
  dump?: string;
}

/**
 * A seed that is a row of table `ci_marker` in the app's own database, written and read by the client that the
 * service has. The row is gone where there is no such row, table or database; an error of any other kind says nothing.
 * It is destroyed with the volumes of the app. The dump is looked into as it is, or unpacked where it is a gzip.
 */
export function sqlSeed(args: SqlSeedArgs): Seed {
  const client = CLIENTS[args.kind];
  const name = args.name ?? "row";
  return {
    name,
    write: async (context, value) => {
      const result = await ask(context, args, client.write(name, value));
      if (result.code !== 0) throw refused(args, result.stderr);
    },
    read: async (context) => {
      const { code, stdout, stderr } = await ask(context, args, client.read(name));
      if (code === 0) return stdout.trim() === "" ? undefined : stdout.trim();
      if (client.gone.test(stderr)) return undefined;
      throw refused(args, stderr);
    },
    snapshotPlace: (app) => dumpPlace(app, args),
  };
}

function ask(context: CheckContext, args: SqlSeedArgs, sql: string) {
  const { kind, service = "db", database, user = database, password } = args;
  // The file is read by the client's own shell: no argument and no variable of anybody else's ever holds it.
  const file = password === undefined ? "" : secretPlace(context.app, password, service).path;
  const argv = ["sh", "-c", CLIENTS[kind].script, "sh", file, user, database] as const;
  return execInService(context, service, argv, { input: sql, accept: "any" });
}

function refused({ kind, service = "db" }: SqlSeedArgs, said: string): CheckFailure {
  const lines = said.split("\n").filter((line) => /\w/.test(line));
  return new CheckFailure(`the ${kind} client in ${service}: ${lines.slice(-3).join("\n")}`);
}

function dumpPlace(app: AppSpec, { service = "db", dump }: SqlSeedArgs) {
  const mounted = namedService(app, service).mounts.map(({ source }) => source);
  const paths = labelledPaths(backupPlan(app)).filter(({ path, place }) => {
    if (dump !== undefined && path !== dump) return false;
    return mounted.some((source) => source !== undefined && place.includes(`/${source}/`));
  });
  return paths[0] && { path: paths[0].place };
}
