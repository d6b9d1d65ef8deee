import type { RecipeDefinition } from "../../recipes/define-recipe.ts";

/** A small recipe, and what a run has to say of it. */
export interface JudgedRecipe {
  /** What its ci.ts says. Default: it has none. */
  definition?: Omit<RecipeDefinition, "name">;
  /** Name of the check that fails, its sentence, and whose that is (default: the recipe's); undefined: all must hold. */
  fails?: { check: string; says: RegExp; owner?: "infra" };
  head: Record<string, string>;
  /** What it is upgraded from. Default: there is no release. */
  base?: Record<string, string>;
}

const sample = { ".env.sample": "TYPE=data\nDOMAIN=data.example.com\n", "abra.sh": "# no versions\n" };
const list = (labels: readonly string[]) => labels.map((label) => `        - ${JSON.stringify(label)}\n`).join("");

interface AppArgs {
  does: string;
  mounts?: string[];
  volumes?: string[];
  labels?: string[];
  image?: string;
  version?: string;
  /** Of another service, which is at rest. */
  atRest?: string[];
}

/** An app that writes something and stays. */
export function app({
  does,
  mounts = ["data:/data"],
  volumes = ["data"],
  labels = [],
  ...more
}: AppArgs): JudgedRecipe["head"] {
  const { image = "busybox:1.37.0", version = "1.1.0+1.37.0", atRest } = more;
  const resting = `  timer:\n    image: ${image}\n    deploy: { replicas: 0, labels: ${JSON.stringify(atRest)} }\n`;
  const command = ["sh", "-c", `trap 'exit 0' TERM; ${does}; sleep 86400 & wait`];
  const all = ["backupbot.backup=true", ...labels, `coop-cloud.\${STACK_NAME}.version=${version}`];
  const compose = `version: "3.8"
services:
  app:
    image: ${image}
    command: ${JSON.stringify(command)}
    stop_grace_period: 1s
    volumes: ${JSON.stringify(mounts)}
    deploy:
      update_config: { monitor: 500ms, order: stop-first }
      labels:
${list(all)}${atRest ? resting : ""}${volumes.length > 0 ? `volumes:\n${volumes.map((key) => `  ${key}:\n`).join("")}` : ""}`;
  return { ...sample, "compose.yml": compose };
}

export const OLD = { image: "busybox:1.35.0", version: "1.0.0+1.35.0" };
export const path = (text: string) => [`backupbot.backup.volumes.data.path=${text}`];
const LINKS = "mkdir -p /data/releases/1; date > /data/releases/1/db; ln -sfn releases/1 /data/current";
const UPLOADS = "mkdir -p /data/uploads; date > /data/uploads/a";

const PART = "^volume data is backed up in part .*data\\.path=rows\\.json\\), and app has written uploads/a beside it";
const HERE = `date > /data/rows.json; ${UPLOADS}`;
const MANY = `n=$$(printf %0220d 0); mkdir -p /data/d; [ -e /data/d/$$n$$((59999)) ] || for i in $$(seq 0 59999); do : > /data/d/$$n$$i; done`;

/** A server that says that it is well, until it ends where `ends` has it. */
const served = (ends: string, more: Partial<AppArgs> = {}) => {
  const { "compose.yml": compose = "", ...rest } = app({
    does: `${ends}date > /data/a; httpd -p 80 -h /data`,
    ...more,
  });
  const health =
    '    healthcheck: { test: ["CMD", "wget", "-qO", "/dev/null", "http://127.0.0.1/a"], interval: 1s, retries: 3 }\n';
  return { ...rest, "compose.yml": compose.replace("    volumes:", `${health}    volumes:`) };
};

/** A server whose health check is written in this way. */
const checkedBy = (test: string) => {
  const { "compose.yml": compose = "", ...rest } = served("");
  return { ...rest, "compose.yml": compose.replace(/test: \[[^\]]*\]/, `test: ${test}`) };
};

/** Beside it a service that has no volume, and changes nothing of its image. */
const withIdle = ({ "compose.yml": compose = "", ...rest }: JudgedRecipe["head"]) => {
  const image = /image: (.*)/.exec(compose)?.[1];
  const idle = `\n  idle:\n    image: ${image}\n    command: sleep 86400\n    stop_grace_period: 1s\nvolumes:`;
  return { ...rest, "compose.yml": compose.replace("\nvolumes:", idle) };
};

/** An app that root starts, and that goes on as another user, who writes into a folder of its own. */
const droppedTo = (uid: number, first: string, more: Partial<AppArgs> = {}) => {
  const does = `mkdir -p /data/own; ${first}; exec setpriv --reuid ${uid} --regid ${uid} --clear-groups sh -c "trap 'exit 0' TERM; [ -e /data/own/a ] || date > /data/own/a; sleep 86400 & wait"`;
  return app({ does, image: "debian:trixie-slim", ...more });
};
const RELEASED = { version: "1.0.0+13" };

/** Recipes without a database. */
export const DATA_RECIPES: Record<string, JudgedRecipe> = {
  "a process that ends after twelve seconds, behind a health check": {
    fails: { check: "steady", says: /_app: (?:task failed|its program ended)/ },
    base: served("", OLD),
    head: served("(sleep 12; kill 1) & "),
  },
  "one that ends after twelve seconds, and answers until then what its ci.ts asks": {
    fails: { check: "steady", says: /_app: (?:task failed|its program ended)/ },
    definition: { health: { http: { path: "/a", service: "app", port: 80 } } },
    base: served("", OLD),
    head: served("(sleep 12; kill 1) & "),
  },
  "a health check whose kind is left out": {
    fails: {
      check: "install.converged",
      says: /; its health check begins with "wget", and the engine knows NONE, CMD/,
    },
    head: checkedBy('["wget", "-qO", "/dev/null", "http://127.0.0.1/a"]'),
  },
  "words of a shell's after CMD": {
    fails: {
      check: "install.converged",
      says: /; its health check gives CMD the word "\|\|", which is an argument of wget/,
    },
    head: checkedBy('["CMD", "wget", "-qO", "/dev/null", "http://127.0.0.1/a", "||", "exit", "1"]'),
  },
  "the same as one text": { head: checkedBy('["CMD-SHELL", "wget -qO /dev/null http://127.0.0.1/a || exit 1"]') },
  "an entry point that drops to another user than base's": {
    fails: {
      check: "upgrade.keeps-access",
      says: /^app ran as another user before \(1000 -> 1001\), .*: own\/a belongs to 1000:1000/,
    },
    base: droppedTo(1000, "chown 1000 /data/own", RELEASED),
    head: droppedTo(1001, "chown 1001 /data/own"),
  },
  "one that gives all files to its user": {
    base: droppedTo(1000, "chown -R 1000 /data/own", RELEASED),
    head: droppedTo(1001, "chown -R 1001 /data/own"),
  },
  "a service that changes nothing of its image, beside one with files": {
    base: withIdle(app({ does: "date > /data/a", ...OLD })),
    head: withIdle(app({ does: "date > /data/a" })),
  },
  "head mounts a new volume over files of base": {
    fails: {
      check: "upgrade.hides-nothing",
      says: /^app of head mounts something else at \/data\/uploads, over what base/,
    },
    base: app({ does: UPLOADS, ...OLD }),
    head: app({ does: UPLOADS, mounts: ["data:/data", "uploads:/data/uploads"], volumes: ["data", "uploads"] }),
  },
  "a volume without a name": {
    fails: { check: "upgrade.keeps-volumes", says: /^app mounts a volume without a name at \/data/ },
    base: app({ does: "date > /data/a", mounts: ["/data"], volumes: [], ...OLD }),
    head: app({ does: "date > /data/a", mounts: ["/data"], volumes: [] }),
  },
  "a label that names a link": {
    fails: { check: "backup.holds-dumps", says: /^"current", which .* names, is a link: the snapshot has that alone/ },
    head: app({ does: LINKS, labels: path("current") }),
  },
  "a link, and what it leads to": { head: app({ does: LINKS, labels: path("current,./releases/") }) },
  "a part of a volume, and the app's files beside it": {
    fails: { check: "backup.snapshot", says: new RegExp(PART) },
    head: app({ does: HERE, labels: path("rows.json") }),
  },
  "a part of a volume, and a hook that takes no files": {
    fails: { check: "backup.snapshot", says: new RegExp(PART) },
    head: app({
      does: HERE,
      image: "debian:trixie-slim",
      labels: [...path("rows.json"), "backupbot.backup.pre-hook=echo maintenance on"],
    }),
  },
  "a part of a volume, and what is made again beside it": {
    head: app({
      does: "date > /data/rows.json; mkdir -p /data/cache; date > /data/cache/a; date > /data/app.log",
      labels: path("rows.json"),
    }),
  },
  "a cache alone, which is left out": {
    head: app({
      does: "date > /cache/a",
      mounts: ["cache:/cache"],
      volumes: ["cache"],
      labels: ["backupbot.backup.volumes.cache=false"],
    }),
  },
  "a hook that prints more than anybody reads": {
    head: app({
      does: "date > /data/a",
      image: "debian:trixie-slim",
      labels: ["backupbot.backup.pre-hook=seq 3000000"],
    }),
  },
  "a hook where nothing runs": {
    fails: { check: "backup.declared", says: /^backupbot\.backup\.pre-hook of timer can't run: the service has no/ },
    head: app({ does: "date > /data/a", atRest: ["backupbot.backup.pre-hook=cp /data/a /data/b"] }),
  },
  "more files than an answer of the helper has room for": { head: app({ does: MANY }) },
  "a dump that its hook adds to": {
    fails: {
      check: "backup.declared",
      says: /^backupbot\.backup\.pre-hook of app adds to dump\.txt, which .* names, and nothing/,
    },
    head: app({
      does: "seq 9 > /data/live",
      image: "debian:trixie-slim",
      labels: [
        ...path("dump.txt"),
        "backupbot.backup.pre-hook=cat /data/live >> /data/dump.txt",
        "backupbot.restore.post-hook=cat /data/dump.txt > /data/live",
      ],
    }),
  },
  "files that come and go while the backup is made": {
    head: app({ does: "i=0; while :; do i=$$((i+1)); echo $$i > /data/$$i; rm -f /data/$$((i-20)); done &" }),
  },
};

interface DatabaseArgs {
  dump: string;
  load: string;
  /** Further labels. Default: the dump alone of the database's volume. */
  labels?: string[];
  /** A volume of the app's own. */
  uploads?: boolean;
  /** What the app asks of the database besides. */
  sql?: string;
  password?: string;
  /** What the app says. Default: the same. */
  appPassword?: string;
  /** PGDATA. Default: the image's. */
  folder?: string;
  version?: string;
}

/** A database, and beside it an app that fills it with the client of the same image. */
export function postgres({ dump, load, labels: more = [DUMP_ALONE], uploads = false, ...args }: DatabaseArgs) {
  const { sql = "", password = "x", appPassword = password, version = "1.1.0+17", folder: pgdata } = args;
  const rows =
    "CREATE TABLE IF NOT EXISTS notes (id int primary key); INSERT INTO notes VALUES (1) ON CONFLICT DO NOTHING";
  const ask = (text: string) => `psql -h db -U wiki -d wiki -c "${text}"`;
  const fill = `trap 'exit 0' TERM; until ${ask(rows)}; do sleep 1; done; ${sql || "true"}; sleep 86400 & wait`;
  const folder = "/var/lib/postgresql/data";
  const labels = [
    `backupbot.backup.pre-hook=${dump} > ${folder}/backup.sql`,
    ...more,
    `backupbot.restore.post-hook=${load} ${folder}/backup.sql`,
  ];
  const compose = `version: "3.8"
services:
  app:
    image: postgres:17
    entrypoint: ${JSON.stringify(["bash", "-c", fill])}
    environment: ["PGPASSWORD=${appPassword}"]
${uploads ? '    volumes: ["uploads:/uploads"]\n' : ""}    stop_grace_period: 1s
    deploy:
      labels:
        - "backupbot.backup=true"
        - "coop-cloud.\${STACK_NAME}.version=${version}"
  db:
    image: postgres:17
    volumes: ["pg:/var/lib/postgresql/data"]
    environment: ["POSTGRES_DB=wiki", "POSTGRES_USER=wiki", "POSTGRES_PASSWORD=${password}"${pgdata ? `, "PGDATA=${pgdata}"` : ""}]
    stop_grace_period: 5s
    healthcheck: { test: ["CMD", "pg_isready", "-U", "wiki"], interval: 2s, retries: 20 }
    deploy:
      labels:
${list(labels)}volumes:
  pg:
${uploads ? "  uploads:\n" : ""}`;
  return { ...sample, "compose.yml": compose };
}

const DUMP_ALONE = "backupbot.backup.volumes.pg.path=backup.sql";

export const PSQL = "psql -U wiki -d wiki -f";
const SUCCEEDED = "^backupbot.backup.pre-hook of db succeeded, and the dump ";

export const CLEAN = { dump: "pg_dump -U wiki --clean --if-exists wiki", load: PSQL };
const SHOP = `psql -h db -U wiki -d wiki -c "CREATE DATABASE shop"; psql -h db -U wiki -d shop -c "CREATE TABLE IF NOT EXISTS orders AS SELECT 1"`;
const SCHEMA = `psql -h db -U wiki -d wiki -c "CREATE SCHEMA shop; CREATE TABLE shop.orders AS SELECT 1"`;

/** Recipes with a database, which take their time. */
export const DATABASE_RECIPES: Record<string, JudgedRecipe> = {
  "a dump that replaces what is there": {
    head: postgres({ dump: "pg_dump -U wiki --clean --if-exists wiki", load: PSQL }),
  },
  "a dump, and uploads that are left out": {
    fails: { check: "backup.declared", says: /^volume uploads is left out of the backup/ },
    head: postgres({ ...CLEAN, uploads: true, labels: [DUMP_ALONE, "backupbot.backup.volumes.uploads=false"] }),
  },
  "a dump of one of two databases": {
    fails: {
      check: "backup.snapshot",
      says: new RegExp(`${SUCCEEDED}holds no row of what db has in shop \\(orders\\)`),
    },
    head: postgres({ ...CLEAN, sql: SHOP }),
  },
  "a dump of one of two schemas": {
    fails: { check: "backup.snapshot", says: new RegExp(`${SUCCEEDED}holds no row of what db has in wiki.shop`) },
    head: postgres({ ...CLEAN, dump: `${CLEAN.dump} -n public`, sql: SCHEMA }),
  },
  "a dump, and the database's own files": {
    fails: {
      check: "backup.covers-databases",
      says: /^the database db .* own files are in the backup as well \(volume pg/,
    },
    head: postgres({ ...CLEAN, labels: [] }),
  },
  "a password that the database of base does not know": {
    fails: { check: "upgrade.opens-databases", says: /^the database db that base made refuses what head says/ },
    base: postgres({ ...CLEAN, version: "1.0.0+17" }),
    head: postgres({ ...CLEAN, password: "y" }),
  },
  "a database that keeps its data beside the volume from head on": {
    fails: {
      check: "upgrade.keeps-databases",
      says: /^db mounts .*, and keeps its data at \/srv\/17 \(PGDATA\), in no volume/,
    },
    base: postgres({ ...CLEAN, version: "1.0.0+17" }),
    head: postgres({ ...CLEAN, folder: "/srv/17" }),
  },
  "a restore that ends the app's own connections, which is started again": {
    head: postgres({
      dump: "pg_dump -U wiki wiki",
      load: "dropdb -U wiki --force wiki && createdb -U wiki wiki && psql -U wiki -d wiki -v ON_ERROR_STOP=1 -f",
      sql: `psql -h db -U wiki -d wiki -c "SELECT pg_sleep(86400)" & wait $$!; exit 1`,
    }),
  },
  "an archive of pg_dump's": {
    head: postgres({ dump: "pg_dump -U wiki -Fc wiki", load: "pg_restore -U wiki -d wiki --clean --if-exists" }),
  },
  "a dump of tables alone": {
    fails: { check: "backup.snapshot", says: new RegExp(`${SUCCEEDED}has tables and no rows`) },
    head: postgres({ dump: "pg_dump -U wiki -s wiki", load: PSQL }),
  },
  "a dump of another database": {
    fails: { check: "backup.snapshot", says: new RegExp(`${SUCCEEDED}holds no row of the tables that db has`) },
    head: postgres({ dump: "pg_dump -U wiki postgres", load: PSQL }),
  },
  "a dump that is read into rows that are there": {
    fails: { check: "restored", says: /ended with 0, and the database refused rows: .*duplicate key value/ },
    head: postgres({ dump: "pg_dump -U wiki wiki", load: PSQL }),
  },
};
