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

const ANEW = (begins: string, left: string) =>
  new RegExp(`^head begins with a new ${begins}, and has not read base's ${left}, which lies beside it`);
const NOTE = (folder: string) => `mkdir -p ${folder}; [ -e ${folder}/notes.json ] || date > ${folder}/notes.json`;

const LINKED_OUT = "mkdir -p /srv; [ -L /data/db ] || ln -s /srv /data/db; date > /data/db/rows.json";
const ASIDE = "[ -e /data/notes.old ] || mv /data/notes /data/notes.old";
const PUT_ASIDE =
  /^head puts base's data\/notes\/notes\.json aside \(data\/notes\.old\/notes\.json\), where nothing of it/;

const THREE = `sqlite3 /data/app.db '${TABLE}; INSERT INTO notes VALUES (1),(2),(3)'`;
const DEBIAN = "debian:trixie-slim";

/** An app with two tables, which it fills as it starts, and a dump of them. */
const dumpedBy = (hook: string) =>
  app({
    does: `sqlite3 /data/app.db '${TABLE}; INSERT INTO notes VALUES (1); ${TABLE.replace("notes", "pages")}; INSERT INTO pages VALUES (1)'`,
    image: SQLITE,
    labels: [
      ...path("dump.sql"),
      `backupbot.backup.pre-hook=${hook} > /data/dump.sql`,
      'backupbot.restore.post-hook=for t in notes pages; do sqlite3 /data/app.db "DROP TABLE IF EXISTS $$t"; done; sqlite3 /data/app.db < /data/dump.sql',
    ],
  });

/** Files of names that no second start makes again, in an archive that a hook reads back. */
const archived = (load: string, writes = "mkdir -p /data/uploads; date > /data/uploads/$$(hostname)") =>
  app({
    does: writes,
    image: DEBIAN,
    labels: [
      ...path("kept.tgz"),
      "backupbot.backup.pre-hook=tar czf /data/kept.tgz -C /data uploads",
      `backupbot.restore.post-hook=${load}`,
    ],
  });

/** An app with a file of sqlite's in a file system in memory. */
function inMemory(target: string): JudgedRecipe["head"] {
  const files = app({ does: `date > /data/a; ${fill.replace("/data", target)}`, image: SQLITE });
  const mounts = `      - { type: volume, source: data, target: /data }\n      - { type: tmpfs, target: ${target} }\n`;
  return { ...files, "compose.yml": files["compose.yml"]?.replace('["data:/data"]', `\n${mounts}`) ?? "" };
}

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
  "a link in a volume that leads into the container": {
    fails: {
      check: "install.keeps-data",
      says: /^app writes \/srv\/rows\.json into its container, by the link \/data\/db/,
    },
    head: app({ does: LINKED_OUT }),
  },
  "head puts a link into its container where base had a folder": {
    fails: { check: "upgrade.keeps-volumes", says: /^app writes \/srv\/rows\.json into its container, by the link/ },
    base: app({ does: "date > /data/a", ...OLD }),
    head: app({ does: LINKED_OUT }),
  },
  "links that lead to what is not the app's data": {
    head: app({
      does: "date > /data/a; ln -sfn /data/a /data/b; ln -sfn /etc/passwd /data/people; ln -sfn /dev/stdout /data/app.log",
    }),
  },
  "head puts base's folder aside, and begins anew": {
    fails: { check: "upgrade.keeps-contents", says: PUT_ASIDE },
    base: app({ does: NOTE("/data/notes"), ...OLD }),
    head: app({ does: `${ASIDE}; ${NOTE("/data/notes")}` }),
  },
  "head puts base's folder aside, and has an empty one": {
    fails: { check: "upgrade.keeps-contents", says: PUT_ASIDE },
    base: app({ does: NOTE("/data/notes"), ...OLD }),
    head: app({ does: `${ASIDE}; mkdir -p /data/notes` }),
  },
  "head puts base's folder aside, and takes over what is in it": {
    base: app({ does: NOTE("/data/notes"), ...OLD }),
    head: app({ does: `${ASIDE}; mkdir -p /data/notes; cat /data/notes.old/notes.json > /data/notes/notes.json` }),
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
  "head puts another file of sqlite's over base's": {
    fails: { check: LOST.check, says: /^head has lost 2 of the 3 rows of data\/app\.db: notes, which/ },
    base: first(THREE),
    head: second(`rm -f /data/app.db; ${fill}`),
  },
  "head drops a table, and makes it with what it begins with": {
    fails: { check: LOST.check, says: /^head has lost 2 of the 3 rows of data\/app\.db: notes, which/ },
    base: first(THREE),
    head: second(`sqlite3 /data/app.db 'DROP TABLE IF EXISTS notes'; ${fill}`),
  },
  "head builds its file of sqlite's anew from what is in it": {
    base: first(THREE),
    head: second("[ ! -e /data/app.db ] || { sqlite3 /data/app.db .dump | sqlite3 /data/n; mv /data/n /data/app.db; }"),
  },
  "head writes what it begins with over base's": {
    fails: {
      check: "move.written-over",
      says: /^head has written over data\/notes\.json: of what base's app had there/,
    },
    base: app({ does: `[ -e /data/notes.json ] || echo '["mine"]' > /data/notes.json`, ...OLD }),
    head: app({ does: "echo '[]' > /data/notes.json" }),
  },
  "head has its data in its container, and base's volume beside it": {
    fails: {
      check: LOST.check,
      says: /^app of head writes \/srv\/notes\.json into its container, and base's app has that in/,
    },
    base: app({ does: "date > /data/notes.json", ...OLD }),
    head: app({ does: "mkdir -p /srv; date > /srv/notes.json" }),
  },
  "head links and copies into its container what base has in its volume": {
    base: app({ does: "[ -e /data/notes.json ] || date > /data/notes.json; date > /data/users.txt", ...OLD }),
    head: app({ does: "mkdir -p /srv; ln -s /data/notes.json /srv/; cp /data/users.txt /srv/" }),
  },
  "head begins with a new file of sqlite's beside base's": {
    fails: { check: LOST.check, says: ANEW("data/new.db", "data/app.db") },
    base: first(fill),
    head: second(fill.replace("app.db", "new.db")),
  },
  "head copies the rows of base's file of sqlite's into a new one": {
    base: first(fill),
    head: second("[ -e /data/new.db ] || sqlite3 /data/app.db .dump | sqlite3 /data/new.db"),
  },
  "head keeps its file in another folder of the volume": {
    fails: { check: LOST.check, says: ANEW("data/v2/notes.json", "data/notes.json") },
    base: app({ does: NOTE("/data"), ...OLD }),
    head: app({ does: NOTE("/data/v2") }),
  },
  "each container keeps its files in a folder of its own name": {
    fails: { check: LOST.check, says: ANEW("data/[0-9a-f]{12}/notes.json", "data/[0-9a-f]{12}/notes.json") },
    base: app({ does: NOTE("/data/$$(hostname)"), ...OLD }),
    head: app({ does: NOTE("/data/$$(hostname)") }),
  },
  "head splits a file, and begins it anew": {
    base: app({ does: `[ -e /data/notes.json ] || echo '["mine"]' > /data/notes.json`, ...OLD }),
    head: app({
      does: "mkdir -p /data/parts; [ ! -e /data/notes.json ] || cp /data/notes.json /data/parts/1; echo '[]' > /data/notes.json",
    }),
  },
  "head writes its settings anew": {
    base: app({ does: `echo '{"a": 1, "old": 2}' > /data/config.json; date > /data/a`, ...OLD }),
    head: app({ does: `echo '{"a": 1}' > /data/config.json; [ -e /data/a ] || date > /data/a` }),
  },
  "a hook of the backup that takes files away": {
    fails: {
      check: "backup.snapshot",
      says: /^the hooks of the backup take away the files data\/up\/a, which the app had before them/,
    },
    head: app({
      does: "mkdir -p /data/up; [ -e /data/up/a ] || date > /data/up/a",
      image: DEBIAN,
      labels: ["backupbot.backup.pre-hook=mkdir -p /data/kept && mv /data/up/a /data/kept"],
    }),
  },
  "a volume that head may only read": {
    fails: {
      check: "upgrade.keeps-access",
      says: /^head mounts volume data into app to be read alone, and base's app/,
    },
    base: app({ does: "date > /data/a", ...OLD }),
    head: app({ does: "date > /data/a || true", mounts: ["data:/data:ro"] }),
  },
  "uploads in the container": {
    fails: { check: "install.keeps-data", says: /^app keeps \/srv\/uploads\/a\.jpg in its container, in no volume/ },
    head: app({ does: "date > /data/a; mkdir -p /srv/uploads; date > /srv/uploads/a.jpg" }),
  },
  "a file of sqlite's in memory": {
    fails: {
      check: "install.keeps-data",
      says: /^app keeps the database \/db\/app\.db \(sqlite\) in memory \(tmpfs\)/,
    },
    head: inMemory("/db"),
  },
  "a file of sqlite's in memory, which may be lost": { head: inMemory("/tmp") },
  "a dump of one of the tables of sqlite's": {
    fails: {
      check: "backup.snapshot",
      says: /succeeded, and what it wrote leaves out pages, which data\/app\.db has rows of/,
    },
    head: dumpedBy('sqlite3 /data/app.db ".dump notes"'),
  },
  "a dump of a file of sqlite's that is not there": {
    fails: {
      check: "backup.snapshot",
      says: /succeeded, and what it wrote holds no row of data\/app\.db \(notes, pages\)/,
    },
    head: dumpedBy("sqlite3 /tmp/app.db .dump"),
  },
  "a dump of a file of sqlite's": { head: dumpedBy("sqlite3 /data/app.db .dump") },
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
const FILLED = (table: string) => NOTES(`CREATE TABLE IF NOT EXISTS ${table} (a int); INSERT INTO ${table} VALUES (1)`);
/** What the hook says of it is not which table it is about. */
const WORK = "CREATE OR REPLACE FUNCTION work() RETURNS void LANGUAGE sql AS 'DELETE FROM inbound'";
const PG = "/var/lib/postgresql/data";
const ONE_TABLE = {
  check: "backup.snapshot",
  says: /^backupbot\.backup\.pre-hook of db succeeded, and the dump leaves out wiki\.pages, which db has rows of/,
};
const v1 = { ...CLEAN, version: "1.0.0+17" };

const OBJECTS =
  "CREATE OR REPLACE FUNCTION two() RETURNS int LANGUAGE sql AS 'SELECT 2'; CREATE OR REPLACE VIEW pages AS SELECT * FROM notes";
/** What base's app makes besides, and head's does not make again on empty volumes. */
const madeOnce = (args: typeof CLEAN, sql: string) => ({
  base: postgres({ ...args, sql: NOTES(sql), version: "1.0.0+17" }),
  head: postgres(args),
});
const NOT_BACK = (what: string) => ({
  check: "restore.keeps-contents",
  says: new RegExp(`^the restore does not bring back ${what}, which the app's database had when it was backed up`),
});

/** The same of databases with servers of their own, which take their time. */
export const KEPT_IN_DATABASES: Record<string, JudgedRecipe> = {
  "a dump of the tables alone, without routines and views": {
    fails: NOT_BACK("(function wiki.two\\(\\)|view wiki.pages), (function wiki.two\\(\\)|view wiki.pages)"),
    ...madeOnce({ ...CLEAN, dump: `${CLEAN.dump} -t notes` }, OBJECTS),
  },
  "a dump of all of a database": madeOnce(CLEAN, OBJECTS),
  "a dump without owners": {
    fails: NOT_BACK("role appl, appl as the owner of table wiki.notes \\(now wiki\\)"),
    ...madeOnce({ ...CLEAN, dump: `${CLEAN.dump} --no-owner` }, "CREATE ROLE appl; ALTER TABLE notes OWNER TO appl"),
  },
  "head drops a table of base's": {
    fails: { check: LOST.check, says: /^head has lost the rows of db: wiki\.pages, which/ },
    base: postgres({ ...v1, sql: NOTES("CREATE TABLE pages AS SELECT 1") }),
    head: postgres({ ...CLEAN, sql: NOTES("DROP TABLE IF EXISTS pages") }),
  },
  "head gives a table of base's another name": {
    base: postgres({ ...v1, sql: NOTES("CREATE TABLE pages AS SELECT 1") }),
    head: postgres({ ...CLEAN, sql: NOTES("ALTER TABLE IF EXISTS pages RENAME TO articles") }),
  },
  "head drops a table, and makes it with fewer rows": {
    fails: { check: LOST.check, says: /^head has lost 4 of the 5 rows of db: wiki\.pages, which/ },
    base: postgres({ ...v1, sql: NOTES("CREATE TABLE pages AS SELECT generate_series(1, 5)") }),
    head: postgres({ ...CLEAN, sql: NOTES("DROP TABLE IF EXISTS pages; CREATE TABLE pages AS SELECT 1") }),
  },
  "a hook of the backup that empties a table": {
    fails: {
      check: "backup.snapshot",
      says: /^the hooks of the backup take away the rows of db: wiki\.pages, which the app had before them/,
    },
    head: postgres({
      ...CLEAN,
      dump: `psql -U wiki -d wiki -c "DELETE FROM pages" && ${CLEAN.dump}`,
      sql: FILLED("pages"),
    }),
  },
  "an app that works off what waits in a table, while a hook runs": {
    head: postgres({
      ...CLEAN,
      dump: `psql -U wiki -d wiki -c "SELECT work()" && ${CLEAN.dump}`,
      sql: NOTES(`CREATE TABLE IF NOT EXISTS inbound AS SELECT 1; ${WORK}`),
    }),
  },
  "a dump of one of two tables": {
    fails: ONE_TABLE,
    head: postgres({ ...CLEAN, dump: `${CLEAN.dump} -t notes`, sql: FILLED("pages") }),
  },
  "an archive without the rows of one of two tables": {
    fails: ONE_TABLE,
    head: postgres({
      dump: "pg_dump -U wiki -Fc --exclude-table-data=pages wiki",
      load: "pg_restore -U wiki -d wiki --clean --if-exists",
      sql: FILLED("pages"),
    }),
  },
  "a dump without the rows of sessions": {
    head: postgres({ ...CLEAN, dump: `${CLEAN.dump} --exclude-table-data=sessions`, sql: FILLED("sessions") }),
  },
  "a dump, and one of its tables beside it": {
    head: postgres({
      dump: `psql -U wiki -d wiki -c "COPY pages TO STDOUT" > ${PG}/pages.csv && ${CLEAN.dump} -T pages`,
      load: `psql -U wiki -d wiki -c "TRUNCATE pages" && psql -U wiki -d wiki -c "COPY pages FROM STDIN" < ${PG}/pages.csv && ${PSQL}`,
      labels: ["backupbot.backup.volumes.pg.path=backup.sql,pages.csv"],
      sql: FILLED("pages"),
    }),
  },
  "a dump that breaks off, which its hook hides": {
    fails: { check: "backup.snapshot", says: /succeeded, and the dump backup\.sql breaks off before its end/ },
    head: postgres({ ...CLEAN, dump: `${CLEAN.dump} | sed "/^-- Data for/q"` }),
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
