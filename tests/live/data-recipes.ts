/** A small recipe, and what a run without a `ci.ts` has to say of it. */
export interface JudgedRecipe {
  /** Name of the check that fails, its sentence; undefined where all must hold. */
  fails?: { check: string; says: RegExp };
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
}

/** An app that writes something and stays. */
function app({
  does,
  mounts = ["data:/data"],
  volumes = ["data"],
  labels = [],
  ...more
}: AppArgs): JudgedRecipe["head"] {
  const { image = "busybox:1.37.0", version = "1.1.0+1.37.0" } = more;
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
${list(all)}${volumes.length > 0 ? `volumes:\n${volumes.map((key) => `  ${key}:\n`).join("")}` : ""}`;
  return { ...sample, "compose.yml": compose };
}

const OLD = { image: "busybox:1.35.0", version: "1.0.0+1.35.0" };
const path = (text: string) => [`backupbot.backup.volumes.data.path=${text}`];
const LINKS = "mkdir -p /data/releases/1; date > /data/releases/1/db; ln -sfn releases/1 /data/current";
const UPLOADS = "mkdir -p /data/uploads; date > /data/uploads/a";

/** Recipes of busybox alone. */
export const DATA_RECIPES: Record<string, JudgedRecipe> = {
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
  "files that come and go while the backup is made": {
    head: app({ does: "i=0; while :; do i=$$((i+1)); echo $$i > /data/$$i; rm -f /data/$$((i-20)); done &" }),
  },
};

interface DatabaseArgs {
  dump: string;
  load: string;
}

/** A database, and beside it an app that fills it with the client of the same image. */
function postgres({ dump, load }: DatabaseArgs): JudgedRecipe["head"] {
  const rows =
    "CREATE TABLE IF NOT EXISTS notes (id int primary key); INSERT INTO notes VALUES (1) ON CONFLICT DO NOTHING";
  const fill = `trap 'exit 0' TERM; until psql -h db -U wiki -d wiki -c '${rows}'; do sleep 1; done; sleep 86400 & wait`;
  const folder = "/var/lib/postgresql/data";
  const labels = [
    `backupbot.backup.pre-hook=${dump} > ${folder}/backup.sql`,
    "backupbot.backup.volumes.pg.path=backup.sql",
    `backupbot.restore.post-hook=${load} ${folder}/backup.sql`,
  ];
  const compose = `version: "3.8"
services:
  app:
    image: postgres:17
    entrypoint: ${JSON.stringify(["bash", "-c", fill])}
    environment: ["PGPASSWORD=x"]
    stop_grace_period: 1s
    deploy:
      labels:
        - "backupbot.backup=true"
        - "coop-cloud.\${STACK_NAME}.version=1.0.0+17"
  db:
    image: postgres:17
    volumes: ["pg:/var/lib/postgresql/data"]
    environment: ["POSTGRES_DB=wiki", "POSTGRES_USER=wiki", "POSTGRES_PASSWORD=x"]
    stop_grace_period: 5s
    healthcheck: { test: ["CMD", "pg_isready", "-U", "wiki"], interval: 2s, retries: 20 }
    deploy:
      labels:
${list(labels)}volumes:
  pg:
`;
  return { ...sample, "compose.yml": compose };
}

const PSQL = "psql -U wiki -d wiki -f";
const SUCCEEDED = "^backupbot.backup.pre-hook of db succeeded, and the dump ";

/** Recipes with a database, which take their time. */
export const DATABASE_RECIPES: Record<string, JudgedRecipe> = {
  "a dump that replaces what is there": {
    head: postgres({ dump: "pg_dump -U wiki --clean --if-exists wiki", load: PSQL }),
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
