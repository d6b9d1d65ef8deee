import { cp, readdir } from "node:fs/promises";
import { join } from "node:path";
import { projectPath } from "../lib/project.ts";
import { filledFolder } from "./fixtures/filled-folder.ts";
import { applyEdit, compose, type Edit } from "./recipe-edits.ts";
import type { TwinSource } from "./twins.ts";

/** A real application broken in one way, and where that must show. */
export interface ApplicationTwin {
  /** Default `wordpress`. */
  recipe?: "gitea";
  /** What an operator would see. */
  defect: string;
  /** The check that must fail; of several, where it is a matter of the moment, one. */
  checks: string[];
  /** `both`: the release that install starts from is broken as well. */
  breaks: "head" | "both";
  /** What the run is asked for besides. Default: nothing. */
  asked?: "--reattach";
  /** What the failed check must say. Default: anything. */
  says?: RegExp;
  edits: Edit[];
}

const PRE_HOOK = `        - "backupbot.backup.pre-hook=/mariadb_backup.sh backup"\n`;
const PATH = `        - "backupbot.backup.volumes.mariadb.path=backup.sql.gz"\n`;
const POST_HOOK = `        - "backupbot.restore.post-hook=/mariadb_backup.sh restore"\n`;
const DATABASE_HEALTH = `"--innodb_initialized"]
      interval: 2s
      timeout: 10s
      retries: 30`;

const HOST = `rule=Host(\`\${DOMAIN}\``;
const OTHER_PAGE =
  "cd /var/www/html; echo '<h1>It works</h1>' > it.html; echo 'AliasMatch ^ /var/www/html/it.html' > /etc/apache2/conf-enabled/it.conf; exec apache2-foreground";

const DOCKER_SETUP = `      - source: docker_setup
        target: /usr/local/bin/docker-setup.sh
        mode: 0555
`;

/** Every way an application is broken, by name. */
export const APPLICATION_TWINS: Record<string, ApplicationTwin> = {
  "database-in-no-backup": {
    defect: "the backup holds uploads, and nothing of the database",
    checks: ["backup.covers-databases"],
    breaks: "head",
    edits: [compose(PRE_HOOK + PATH + POST_HOOK, `        - "backupbot.backup.volumes.mariadb=false"\n`)],
  },
  "dump-without-pipefail": {
    defect: "the dump's program is refused by the database, and gzip ends well",
    checks: ["backup.holds-dumps"],
    breaks: "head",
    edits: [
      { file: "mariadb_backup.sh", find: "set -eu -o pipefail", replace: "set -eu" },
      { file: "mariadb_backup.sh", find: "mariadb-dump --user=root", replace: "mariadb-dump --user=nobody" },
      { file: "abra.sh", find: "MARIADB_BACKUP_VERSION=v1", replace: "MARIADB_BACKUP_VERSION=v2" },
    ],
  },
  "restore-hook-missing": {
    defect: "the dump comes back as a file, and nobody reads it",
    checks: ["backup.covers-databases"],
    breaks: "head",
    edits: [compose(POST_HOOK, "")],
  },
  "hot-copy": {
    defect: "the files of the running database are copied, and put back under it",
    checks: ["backup.covers-databases"],
    breaks: "head",
    edits: [compose(PRE_HOOK + PATH + POST_HOOK, `        - "backupbot.restore.post-hook=true"\n`)],
  },
  "start-period-too-short": {
    defect: "the database is called unhealthy while it is made for the first time",
    checks: ["install.converged"],
    breaks: "both",
    edits: [
      compose(
        DATABASE_HEALTH,
        `"--innodb_initialized"]
      interval: 300ms
      timeout: 300ms
      retries: 1`,
      ),
    ],
  },
  "wrong-port": {
    defect: "Traefik is sent to a port at which nobody listens",
    checks: ["install.answers"],
    breaks: "both",
    edits: [compose("loadbalancer.server.port=80", "loadbalancer.server.port=8080")],
  },
  "wrong-page": {
    defect: "every path answers 200, with a page that is not WordPress",
    checks: ["install.answers"],
    breaks: "both",
    edits: [
      compose(
        "    image: wordpress:",
        `    command: ["sh", "-c", ${JSON.stringify(OTHER_PAGE)}]\n    image: wordpress:`,
      ),
    ],
  },
  "router-for-another-name": {
    defect: "Traefik has a router, for a name that is not the app's: its own 404 comes",
    checks: ["install.answers"],
    breaks: "both",
    edits: [compose(HOST, HOST.replace("DOMAIN", "STACK_NAME"))],
  },
  "secret-rotated": {
    defect: "head has another password for the database, which knows the old one",
    checks: ["upgrade.converged"],
    breaks: "head",
    edits: [compose("}_db_password_$", "}_wp_password_$")],
  },
  "read-only-settings": {
    recipe: "gitea",
    defect: "Gitea saves a secret that its settings lack, and they are a config, which nobody can write into",
    checks: ["upgrade.converged"],
    says: /app\.ini: read-only file system/,
    breaks: "head",
    asked: "--reattach",
    edits: [
      compose("target: /app.ini", "target: /etc/gitea/app.ini"),
      compose(DOCKER_SETUP, ""),
      { file: "app.ini.tmpl", find: 'JWT_SECRET = {{ secret "jwt_secret" }}', replace: "ENABLED = true" },
      { file: "abra.sh", find: "APP_INI_VERSION=v1", replace: "APP_INI_VERSION=v2" },
    ],
  },
};

/** Plain folders of a twin, for `repoFromFolder`; the caller removes `root`. @throws when an edit no longer fits */
export async function applicationTwin(name: string): Promise<TwinSource> {
  const twin = APPLICATION_TWINS[name];
  if (!twin) throw new Error(`there is no twin ${name}`);
  return filledFolder(`twin-${name}`, (root) => writeTwin(twin, root));
}

async function writeTwin(twin: ApplicationTwin, root: string): Promise<TwinSource> {
  const [folder, releases] = [join(root, "head"), join(root, "releases")];
  const { recipe = "wordpress" } = twin;
  await cp(projectPath(`tests/recipes/${recipe}`), folder, { recursive: true });
  await cp(projectPath(`tests/releases/${recipe}`), releases, { recursive: true });
  const [oldest = ""] = await readdir(releases);
  if (twin.breaks === "head") {
    // What is changed at head must not shine through: a release holds only what differs.
    for (const { file } of twin.edits) await cp(join(folder, file), join(releases, oldest, file), { force: false });
  }
  const trees = twin.breaks === "both" ? [folder, join(releases, oldest)] : [folder];
  for (const tree of trees) for (const edit of twin.edits) await applyEdit(tree, edit);
  return { root, folder, releases };
}
