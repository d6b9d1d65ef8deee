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
  /** A name that an app of somebody else has in `proxy` meanwhile. Default: there is none. */
  beside?: string;
  /** What some check must have seen. Default: anything. */
  sees?: RegExp;
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

const EXPOSED = `        - "traefik.enable=true"
        - "traefik.docker.network=proxy"
        - "traefik.http.services.\${STACK_NAME}.loadbalancer.server.port=80"
`;

const ROUTER = `        - "traefik.http.routers.\${STACK_NAME}.rule=Host(\`\${DOMAIN}\`\${EXTRA_DOMAINS})"
        - "traefik.http.routers.\${STACK_NAME}.entrypoints=web-secure"
        - "traefik.http.routers.\${STACK_NAME}.tls.certresolver=\${LETS_ENCRYPT_ENV}"
`;

/** A front that looks the app up by a name that it does not have alone. */
const FRONT = `  web:
    image: nginx:1.26.3
    command: ["sh", "-c", "echo 'server { listen 80; location / { proxy_set_header Host $$http_host; proxy_pass http://app:80; } }' > /etc/nginx/conf.d/default.conf; exec nginx -g 'daemon off;'"]
    networks:
      - proxy
    deploy:
      restart_policy:
        condition: on-failure
      labels:
        - "traefik.enable=true"
        - "traefik.http.services.\${STACK_NAME}-web.loadbalancer.server.port=80"
        - "traefik.http.routers.\${STACK_NAME}-web.rule=Host(\`\${DOMAIN}\`)"
        - "traefik.http.routers.\${STACK_NAME}-web.entrypoints=web-secure"
        - "traefik.http.routers.\${STACK_NAME}-web.tls=true"

  db:
    image: mariadb:`;

/** It shows a certificate of its own, made for another name, to whoever Traefik lets through. */
const OWN_TLS =
  "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=blog.example.org -addext subjectAltName=DNS:blog.example.org -keyout /tmp/key.pem -out /tmp/cert.pem 2> /dev/null; a2enmod -q ssl; printf '<VirtualHost *:443>\\nDocumentRoot /var/www/html\\nSSLEngine on\\nSSLCertificateFile /tmp/cert.pem\\nSSLCertificateKeyFile /tmp/key.pem\\n</VirtualHost>\\n' > /etc/apache2/conf-enabled/tls.conf; exec docker-entrypoint.sh apache2-foreground";

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
  "certificate-for-another-name": {
    defect: "TLS is passed on to the app, and its certificate is for another name than the app's",
    checks: ["install.routes"],
    says: /passes TLS for \S+ on to the app, which has no certificate for that name\n.*it is of blog\.example\.org/,
    breaks: "both",
    edits: [
      compose("    image: wordpress:", `    command: ["sh", "-c", ${JSON.stringify(OWN_TLS)}]\n    image: wordpress:`),
      compose(
        ROUTER,
        `        - "traefik.tcp.routers.\${STACK_NAME}-own.rule=HostSNI(\`\${DOMAIN}\`)"
        - "traefik.tcp.routers.\${STACK_NAME}-own.entrypoints=web-secure"
        - "traefik.tcp.routers.\${STACK_NAME}-own.tls.passthrough=true"
        - "traefik.tcp.services.\${STACK_NAME}-own.loadbalancer.server.port=443"
`,
      ),
    ],
  },
  "alias-collision": {
    defect: "a front in proxy looks for its app by a name that an app of somebody else has there, and finds that",
    checks: ["install.answers"],
    beside: "app",
    sees: /web looks for \\"app\\" in proxy \(command\), which is also the name of \S+/,
    breaks: "both",
    edits: [compose(EXPOSED, `        - "traefik.enable=false"\n`), compose("  db:\n    image: mariadb:", FRONT)],
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
