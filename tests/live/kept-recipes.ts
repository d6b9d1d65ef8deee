import { app, CLEAN, type JudgedRecipe, OLD, PSQL, path, postgres } from "./data-recipes.ts";

const UPLOAD = "mkdir -p /data/uploads; date > /data/uploads/a";
const LOST = {
  check: "upgrade.keeps-contents",
  says: /^head has lost the files data\/uploads\/a, which base's app had/,
};

const SQLITE = "keinos/sqlite3:3.46.1";
const first = (does: string) => app({ does, image: SQLITE, version: "1.0.0+3.46.1" });
const second = (does: string) => app({ does, image: SQLITE, version: "1.1.0+3.46.1" });
const TABLE = "CREATE TABLE IF NOT EXISTS notes (a)";
const fill = `sqlite3 /data/app.db '${TABLE}; INSERT INTO notes VALUES (1)'`;

/** Files of names that no second start makes again, in an archive that a hook reads back. */
const archived = (load: string, writes = "mkdir -p /data/uploads; date > /data/uploads/$$(hostname)") =>
  app({
    does: writes,
    image: "debian:trixie-slim",
    labels: [
      ...path("kept.tgz"),
      "backupbot.backup.pre-hook=tar czf /data/kept.tgz -C /data uploads",
      `backupbot.restore.post-hook=${load}`,
    ],
  });

/** Recipes that keep what their apps wrote, or do not, where a file of ours shows nothing of it. */
export const KEPT_RECIPES: Record<string, JudgedRecipe> = {
  "head takes away what base's app wrote": {
    fails: LOST,
    base: app({ does: UPLOAD, ...OLD }),
    head: app({ does: "rm -rf /data/uploads; mkdir /data/uploads" }),
  },
  "head empties what base's app wrote": {
    fails: LOST,
    base: app({ does: UPLOAD, ...OLD }),
    head: app({ does: ": > /data/uploads/a" }),
  },
  "head moves what base's app wrote": {
    base: app({ does: UPLOAD, ...OLD }),
    head: app({ does: "[ ! -e /data/uploads ] || mv /data/uploads /data/files; mkdir -p /data/files" }),
  },
  "head takes away what was of the moment": {
    base: app({
      does: `${UPLOAD}; date > /data/app.pid; date > /data/first-run; mkdir /data/cache; date > /data/cache/a`,
      ...OLD,
    }),
    head: app({ does: "rm -rf /data/app.pid /data/first-run /data/cache" }),
  },
  "head makes its file of sqlite's anew": {
    fails: { check: LOST.check, says: /^head has lost the rows of data\/app\.db: notes, which/ },
    base: first(fill),
    head: second(`rm -f /data/app.db; sqlite3 /data/app.db '${TABLE}'`),
  },
  "head puts what was in a file into one of sqlite's": {
    base: first("date > /data/notes.json"),
    head: second(`${fill}; rm -f /data/notes.json`),
  },
  "an archive that is read back": { head: archived("tar xzf /data/kept.tgz -C /data") },
  "an archive that is read back elsewhere": {
    fails: { check: "restore.keeps-contents", says: /^the restore does not bring back the files data\/uploads\// },
    head: archived(
      "tar xzf /data/kept.tgz -C /tmp",
      "mkdir -p /data/uploads; [ -e /data/kept.tgz ] || date > /data/uploads/$$(hostname)",
    ),
  },
  "an archive that no restore hook finds": {
    fails: {
      check: "restored",
      says: /^kept\.tgz: backupbot\.restore\.post-hook of app ended with 0 and read nothing of it/,
    },
    head: archived("tar xzf /data/keep.tgz -C /data || true"),
  },
};

const MARIADB = "mariadb:11.8";
const DATA = "/var/lib/mysql";

/** An app that fills two databases of MariaDB's, one of which is dumped where `dumped` has both. */
function twoServers(dumped: readonly string[]): JudgedRecipe["head"] {
  const names = ["db", "shop"];
  const ask = (name: string) =>
    `until mariadb -h ${name} -u wiki -px wiki -e 'CREATE TABLE IF NOT EXISTS notes (a INT); INSERT INTO notes VALUES (1)'; do sleep 1; done`;
  const does = `trap 'exit 0' TERM; ${names.map(ask).join("; ")}; sleep 86400 & wait`;
  const server = (name: string) => {
    const labels = [
      `backupbot.backup.pre-hook=mariadb-dump -u root -py --single-transaction wiki | gzip > ${DATA}/${name}.sql.gz`,
      `backupbot.backup.volumes.${name}.path=${name}.sql.gz`,
      `backupbot.restore.post-hook=gunzip -c ${DATA}/${name}.sql.gz | mariadb -u root -py wiki`,
    ];
    return `  ${name}:
    image: ${MARIADB}
    volumes: ["${name}:${DATA}"]
    environment: ["MARIADB_DATABASE=wiki", "MARIADB_USER=wiki", "MARIADB_PASSWORD=x", "MARIADB_ROOT_PASSWORD=y"]
    healthcheck: { test: ["CMD", "healthcheck.sh", "--connect", "--innodb_initialized"], interval: 2s, retries: 30 }
    stop_grace_period: 10s
    deploy: { labels: ${JSON.stringify(dumped.includes(name) ? labels : [])} }
`;
  };
  const compose = `version: "3.8"
services:
  app:
    image: ${MARIADB}
    entrypoint: ${JSON.stringify(["bash", "-c", does])}
    stop_grace_period: 1s
    deploy:
      labels:
        - "backupbot.backup=true"
        - "coop-cloud.\${STACK_NAME}.version=1.0.0+11.8"
${names.map(server).join("")}volumes:
${names.map((name) => `  ${name}:\n`).join("")}`;
  return { ...app({ does: "true" }), "compose.yml": compose };
}

const NOTES = (sql: string) => `psql -h db -U wiki -d wiki -c "${sql}"`;
const v1 = { ...CLEAN, version: "1.0.0+17" };

/** The same of databases with servers of their own, which take their time. */
export const KEPT_IN_DATABASES: Record<string, JudgedRecipe> = {
  "head drops a table of base's": {
    fails: { check: LOST.check, says: /^head has lost the rows of db: wiki\.pages, which/ },
    base: postgres({ ...v1, sql: NOTES("CREATE TABLE pages AS SELECT 1") }),
    head: postgres({ ...CLEAN, sql: NOTES("DROP TABLE IF EXISTS pages") }),
  },
  "head gives a table of base's another name": {
    base: postgres({ ...v1, sql: NOTES("CREATE TABLE pages AS SELECT 1") }),
    head: postgres({ ...CLEAN, sql: NOTES("ALTER TABLE IF EXISTS pages RENAME TO articles") }),
  },
  "head keeps its database in another folder of the volume": {
    fails: {
      check: LOST.check,
      says: /^Postgres of head begins with an empty data folder \(pg\/new\), and base's lies beside it/,
    },
    base: postgres(v1),
    head: postgres({ ...CLEAN, folder: "/var/lib/postgresql/data/new" }),
  },
  "a password that head's app alone has": {
    fails: {
      check: "upgrade.lets-in",
      says: /^the database db refuses who asks it, since the upgrade.*: password authentication failed/,
    },
    base: postgres(v1),
    head: postgres({ ...CLEAN, appPassword: "y" }),
  },
  "a password that the app alone has": {
    fails: {
      check: "install.lets-in",
      says: /^the database db refuses who asks it, from the start on: password authentication/,
    },
    head: postgres({ ...CLEAN, appPassword: "y" }),
  },
  "two servers of MariaDB's, each with a dump of its own": { head: twoServers(["db", "shop"]) },
  "two servers of MariaDB's, one of which is dumped": {
    fails: { check: "backup.covers-databases", says: /^the files of the database shop .* no hook dumps it/ },
    head: twoServers(["db"]),
  },
  "a dump that is written once more instead of being read": {
    fails: {
      check: "restored",
      says: /^backup\.sql: backupbot\.restore\.post-hook of db ended with 0 and read nothing of it/,
    },
    head: postgres({ ...CLEAN, load: `${CLEAN.dump} >` }),
  },
  "a dump that is read into another database": {
    fails: { check: "restore.keeps-contents", says: /^the restore has put db: postgres\.notes into the server's own/ },
    head: postgres({ ...CLEAN, load: PSQL.replace("-d wiki", "-d postgres") }),
  },
};
