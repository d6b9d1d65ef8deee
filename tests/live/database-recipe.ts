import { CheckFailure } from "../../checks/check-failure.ts";
import { execInService } from "../../checks/exec.ts";
import type { Seed } from "../../checks/seeds/seed.ts";

/** One change to a file of the recipe. */
interface Edit {
  file: keyof typeof FILES;
  find: string;
  replace: string;
}

/** A database whose backup or restore is broken in one way, and the check that must say so. */
export interface BrokenDatabase {
  check: string;
  /** What an operator is to read. */
  says: RegExp;
  edits: Edit[];
}

// A database as far as a backup is concerned: its rows lie in files of its own user, and are backed up as a dump.
const FILES = {
  "compose.yml": `version: "3.8"
services:
  app:
    image: debian:trixie-slim
    command: ["/db.sh", "serve"]
    stop_grace_period: 5s
    volumes: ["data:/data"]
    configs:
      - { source: db_sh, target: /db.sh, mode: 0555 }
    deploy:
      labels:
        - "backupbot.backup=true"
        - "backupbot.backup.pre-hook=/db.sh dump"
        - "backupbot.backup.volumes.data.path=backup.sql.gz"
        - "backupbot.restore.post-hook=/db.sh load"
        - "coop-cloud.\${STACK_NAME}.version=1.0.0+13"
volumes:
  data:
configs:
  db_sh:
    name: \${STACK_NAME}_db_sh_\${DB_SH_VERSION}
    file: db.sh
`,
  ".env.sample": "TYPE=database\nDOMAIN=database.example.com\n",
  "abra.sh": "export DB_SH_VERSION=v1\n",
  "db.sh": `#!/bin/bash
set -eu -o pipefail
case "$1" in
  serve)
    mkdir -p /data/live
    touch /data/live/rows
    chown 1000:1000 /data/live /data/live/rows
    echo ready for connections
    trap 'exit 0' TERM
    sleep 86400 & wait
    ;;
  insert) exec setpriv --reuid 1000 --regid 1000 --clear-groups sh -c 'cat > /data/live/rows' ;;
  select) exec setpriv --reuid 1000 --regid 1000 --clear-groups cat /data/live/rows ;;
  dump) { echo '-- rows'; cat /data/live/rows; } | gzip > /data/backup.sql.gz ;;
  load) gunzip < /data/backup.sql.gz | tail -n +2 > /data/live/rows ;;
esac
`,
};

const DUMP = "{ echo '-- rows'; cat /data/live/rows; } | gzip > /data/backup.sql.gz";
const LOAD = "gunzip < /data/backup.sql.gz | tail -n +2 > /data/live/rows";

export const BROKEN_DATABASES: Record<string, BrokenDatabase> = {
  "restore hook missing": {
    check: "restore.restored",
    says: /pre-hook of app writes is restored as a file, and nothing reads it back.*no backupbot\.restore\.post-hook/,
    edits: [{ file: "compose.yml", find: `        - "backupbot.restore.post-hook=/db.sh load"\n`, replace: "" }],
  },
  "dump empty": {
    check: "backup.holds-dumps",
    says: /"backup\.sql\.gz", which backupbot\.backup\.volumes\.data\.path names, is in the snapshot and empty/,
    edits: [{ file: "db.sh", find: DUMP, replace: ": > /data/backup.sql.gz" }],
  },
  "dump outside of what is backed up": {
    check: "backup.snapshot",
    says: /no backup holds "backup\.sql\.gz".*pre-hook of app succeeded, and wrote it elsewhere/,
    edits: [{ file: "db.sh", find: DUMP, replace: "cat /data/live/rows | gzip > /var/backup.sql.gz" }],
  },
  "dump beside the volume, which is backed up whole": {
    check: "backup.snapshot",
    says: /pre-hook of app succeeded, and wrote app:\/backup\.sql\.gz: no backup holds that/,
    edits: [
      { file: "db.sh", find: DUMP, replace: "gzip < /data/live/rows > /backup.sql.gz" },
      { file: "compose.yml", find: `        - "backupbot.backup.volumes.data.path=backup.sql.gz"\n`, replace: "" },
    ],
  },
  "maintenance goes on after the backup": {
    check: "backup.answers",
    says: /^the app answered before its backup and does not after it.*no backupbot\.backup\.post-hook takes back/,
    edits: [
      { file: "compose.yml", find: "pre-hook=/db.sh dump", replace: "pre-hook=/db.sh dump && touch /maintenance" },
    ],
  },
  "restored rows belong to another user": {
    check: "restore.writes-row",
    says: /no write accepted.*Permission denied\nvolume data: live\/rows belongs to 0:0 since the restore, and belonged to 1000:1000/s,
    edits: [{ file: "db.sh", find: LOAD, replace: `rm /data/live/rows; ${LOAD}` }],
  },
  "a migration that can't be run twice": {
    check: "restore.starts-again",
    says: /^on the data of its own first start it does not start a second time: .*mkdir: cannot create directory/,
    edits: [{ file: "db.sh", find: "mkdir -p /data/live\n", replace: "mkdir /data/live\n" }],
  },
  "dump without pipefail": {
    check: "backup.holds-dumps",
    says: /in the snapshot and empty.*pipefail/,
    edits: [
      { file: "db.sh", find: "set -eu -o pipefail", replace: "set -eu" },
      { file: "db.sh", find: DUMP, replace: "cat /data/live/rows.old | gzip > /data/backup.sql.gz" },
    ],
  },
};

/** Its first dump holds nothing, and nobody is told. */
export const FIRST_DUMP_EMPTY: Edit = {
  file: "db.sh",
  find: DUMP,
  replace: `if [ -e /data/tried ]; then ${DUMP}; else touch /data/tried; : > /data/backup.sql.gz; fi`,
};

/** An app with its rows in a file of sqlite's, which its own client writes and backs up. */
export const SQLITE = {
  "compose.yml": `version: "3.8"
services:
  app:
    image: keinos/sqlite3:3.46.1
    command: ["sh", "-c", "sqlite3 /data/app.db 'PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS own (a)' && exec sleep 86400"]
    stop_grace_period: 1s
    volumes: ["data:/data"]
    deploy:
      labels:
        - "backupbot.backup=true"
        - 'backupbot.backup.pre-hook=sqlite3 /data/app.db ".backup /data/backup.db"'
        - "backupbot.backup.volumes.data.path=backup.db"
        - 'backupbot.restore.post-hook=sqlite3 /data/app.db ".restore /data/backup.db"'
        - "coop-cloud.\${STACK_NAME}.version=1.0.0+3.46.1"
volumes:
  data:
`,
  ".env.sample": "TYPE=sqlite\nDOMAIN=sqlite.example.com\n",
  "abra.sh": "# no versions\n",
};

/** The recipe's files, with edits; each must find its text, or nothing would be broken. */
export function databaseFiles(edits: readonly Edit[] = []): Record<string, string> {
  const files = { ...FILES };
  for (const { file, find, replace } of edits) {
    if (!files[file].includes(find)) throw new Error(`${file} has no "${find}"`);
    files[file] = files[file].replace(find, () => replace);
  }
  return files;
}

/** A row, written and read by the user the database runs as. */
export const rowSeed: Seed = {
  name: "row",
  write: async (context, value) => {
    await execInService(context, "app", ["/db.sh", "insert"], { input: value });
  },
  read: async (context) => {
    const { stdout } = await execInService(context, "app", ["/db.sh", "select"]);
    if (stdout.includes("\0")) throw new CheckFailure("the rows are damaged");
    return stdout === "" ? undefined : stdout;
  },
};
