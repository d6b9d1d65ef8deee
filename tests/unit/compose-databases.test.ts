import { describe, expect, test } from "vitest";
import type { AppSpec, Labels } from "../../compose/app-spec.ts";
import { databaseGaps, databaseServices, isDatabase } from "../../compose/labels/databases.ts";
import { appSpec, serviceSpec, volumeMount } from "../fixtures/spec.ts";

test.each([
  ["postgres:15", true],
  ["docker.io/library/mariadb:11", true],
  ["pgvector/pgvector:pg16", true],
  ["pgautoupgrade/pgautoupgrade:16-alpine", true],
  ["timescale/timescaledb-ha:pg16", true],
  ["clickhouse/clickhouse-server:24", true],
  ["mongo:7", true],
  ["redis:7", false],
  ["prodrigestivill/postgres-backup-local:15", false],
  ["prometheuscommunity/postgres-exporter:1", false],
  ["phpmyadmin:5", false],
  ["mongo-express:1", false],
])("%s is a database: %s", (image, is) => expect(isDatabase(image)).toBe(is));

test.each<[string, string[] | undefined, string[] | undefined, boolean]>([
  ["its image's own entry point", undefined, undefined, true],
  ["flags for its server", undefined, ["-c", "max_connections=200"], true],
  ["a script that nobody can look into", ["/db.sh"], ["serve"], true],
  ["a shell that starts the server in the end", ["bash", "-c"], ["set -e; exec docker-entrypoint.sh mysqld"], true],
  ["a shell that becomes the server", undefined, ["sh", "-c", "chown 999 /x && exec gosu postgres postgres"], true],
  ["a loop that dumps", undefined, ["sh", "-c", "while :; do pg_dump -U postgres -h db > /b/x; sleep 1d; done"], false],
  ["a loop by its entry point", ["bash", "-ec"], ["until mariadb -h db; do sleep 1; done"], false],
])("a database's image with %s", (_, command, args, is) => {
  const service = serviceSpec({ image: "postgres:15", ...(command ? { command } : {}), ...(args ? { args } : {}) });
  expect(databaseServices(appSpec({ services: [service] }))).toHaveLength(is ? 1 : 0);
});

const PRE = "backupbot.backup.pre-hook";
const POST = "backupbot.restore.post-hook";
const PATH = "backupbot.backup.volumes.rows.path";

/** An app with a database, by the labels of both. */
function app(db: Labels, own: Labels = {}, over: Partial<AppSpec> = {}): AppSpec {
  const volume = (key: string) => ({ key, name: `wiki_${key}`, external: false, driverOpts: {}, labels: {} });
  return appSpec({
    services: [
      serviceSpec({ labels: { "backupbot.backup": "true", ...own } }),
      serviceSpec({
        key: "db",
        image: "postgres:15",
        labels: db,
        mounts: [volumeMount("wiki_rows", "/var/lib/postgresql/data")],
      }),
    ],
    volumes: [volume("files"), volume("rows")],
    ...over,
  });
}

describe("what a backup leaves out of a database", () => {
  test.each<[string, AppSpec]>([
    [
      "dumped and read back",
      app({ [PRE]: "/pg_backup.sh backup", [PATH]: "backup.sql", [POST]: "/pg_backup.sh restore" }),
    ],
    [
      "dumped and read back by another service",
      app({ "backupbot.backup.volumes.rows": "false" }, { [PRE]: "pg_dump -h db > /x.sql", [POST]: "psql < /x.sql" }),
    ],
    ["in a backup that is switched off, which another check tells", app({}, { "backupbot.backup": "false" })],
    ["of which nothing is kept", app({}, {}, { volumes: [] })],
  ])("nothing, where it is %s", (_, one) => expect(databaseGaps(one)).toEqual([]));

  test.each<[string, AppSpec, RegExp]>([
    [
      "all, where its volume is left out",
      app({ "backupbot.backup.volumes.rows": "false" }),
      /^nothing of the database db \(postgres:15\) is in the backup: volume rows is left out/,
    ],
    [
      "a sound copy, where its files are taken",
      app({}),
      /^the files of the database db .* are copied while it runs \(volume rows\)/,
    ],
    [
      "a way back, where no hook reads the dump",
      app({ [PRE]: "/pg_backup.sh backup", [PATH]: "backup.sql" }),
      /no restore hook reads the dump back/,
    ],
    [
      "no peace at a restore, where its files are taken beside the dump",
      app({ [PRE]: "pg_dump wiki > /var/lib/postgresql/data/x.sql", [POST]: "psql wiki -f x.sql" }),
      /^the database db .* is dumped, and its own files are in the backup as well \(volume rows, whole\).*running database$/,
    ],
    [
      "the same by a label for another volume",
      app({ [PRE]: "pg_dump wiki > x", [POST]: "psql -f x", "backupbot.backup.volumes.db.path": "x" }),
      /running database; backupbot\.backup\.volumes\.db\.path names no volume of the app$/,
    ],
    [
      "what another service's hook does not dump",
      app({}, { [PRE]: "occ maintenance:mode --on" }),
      /are copied while it runs/,
    ],
  ])("%s", (_, one, sentence) => expect(databaseGaps(one)).toEqual([expect.stringMatching(sentence)]));

  test.each<[string, Labels, RegExp[]]>([
    [
      "by its own hook alone",
      { [PRE]: "pg_dump wiki > /x.sql", [POST]: "psql wiki" },
      [/^the files of the database other /],
    ],
    ["by one that names it", {}, [/^the files of the database db /]],
  ])("all of one of two databases, where the other is dumped %s", (_, labels, gaps) => {
    const one = app(
      { ...labels, [PATH]: "x.sql" },
      labels[PRE] ? {} : { [PRE]: "mysqldump -h other > /x", [POST]: "mysql -hx" },
    );
    const other = serviceSpec({
      key: "other",
      image: "mariadb:11",
      mounts: [volumeMount("wiki_files", "/var/lib/mysql")],
    });
    const narrow = { "backupbot.backup.volumes.files.path": "x" };
    const found = databaseGaps({ ...one, services: [...one.services, { ...other, labels: narrow }] });
    expect(found).toEqual(gaps.map((gap) => expect.stringMatching(gap)));
  });

  test.each(["rows", "db"])("nothing that a definition lets go by %s", (key) => {
    expect(databaseGaps(app({}), { [key]: "a test" })).toEqual([]);
  });
});
