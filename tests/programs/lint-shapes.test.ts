// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables are those of compose files
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectPath } from "../../lib/project.ts";
import { lintRecipe } from "../../lint/lint.ts";
import { dockerCli } from "../../machine/docker-cli.ts";
import { repoFromFolder } from "../../source/folder-repo.ts";
import { APPLICATIONS, corpus } from "../corpus.ts";
import { scratchFolder, writeFiles } from "../fixtures/recipe-folder.ts";

async function lintFolder(folder: string, recipe: string) {
  const repo = await repoFromFolder({ folder, cacheDir: await scratchFolder() });
  return lintRecipe({ repo, recipe, commit: await repo.resolve(), dockerCli: await dockerCli() });
}

async function found(folder: string, recipe: string, level: "error" | "warning"): Promise<string[]> {
  const { findings } = await lintFolder(folder, recipe);
  return findings
    .filter((one) => one.level === level && !["R006", "R007", "R013"].includes(one.rule))
    .map(({ rule, file, line }) => [rule, file && `${file}:${line}`].filter(Boolean).join(" "));
}

const ROUTE = `        - "traefik.enable=true"
        - "traefik.http.services.\${STACK_NAME}.loadbalancer.server.port=4000"
        - "traefik.http.routers.\${STACK_NAME}.rule=Host(\`\${DOMAIN}\`\${EXTRA_DOMAINS})"
        - "traefik.http.routers.\${STACK_NAME}.entrypoints=web-secure"
        - "traefik.http.routers.\${STACK_NAME}.tls.certresolver=\${LETS_ENCRYPT_ENV}"
`;
const CHECK = 'healthcheck: {test: ["CMD", "wiki", "status"]}';

/** A federated app: its database in a file of its own, one of two search engines, options that come twice. */
const FORUM = {
  ".env.sample": `TYPE=forum

LETS_ENCRYPT_ENV=production

# which build to run
#APP_FLAVOUR=small
# latest is for the brave
#APP_VERSION=latest

DOMAIN=forum.example.com
#EXTRA_DOMAINS=', \`www.forum.example.com\`'
ENABLE_BACKUPS=true

COMPOSE_FILE="compose.yml"

# ====================
COMPOSE_FILE="$COMPOSE_FILE:compose.postgres.yml"
SECRET_DB_PASSWORD_VERSION=v1

# only once the database has been deployed
# COMPOSE_FILE="$COMPOSE_FILE:tuning/compose.tune.yml"
# DB_MEMORY=512

# ====================
COMPOSE_FILE="$COMPOSE_FILE:compose.meili.yml"
SECRET_MEILI_KEY_VERSION=v1

# Sonic in place of Meilisearch:
# COMPOSE_FILE="$COMPOSE_FILE:compose.sonic.yml"

# mail, with its password further down
# COMPOSE_FILE="$COMPOSE_FILE:compose.mail.yml"

UPLOAD_LIMIT=20000000

#COMPOSE_FILE="$COMPOSE_FILE:compose.mail.yml"
#SECRET_MAIL_PASS_VERSION=v1

# MAIL_FROM=admin@example.com
# MAIL_KEY=xyz

ISSUER=https://\${DOMAIN}
SECRET_SONIC_PASS_VERSION=v1
SECRET_KEY_BASE_VERSION=v1 # length=128
`,
  "abra.sh": "export APP_ENTRYPOINT_VERSION=v3\nexport PG_BACKUP_VERSION=v1\n\nshell() {\n  echo done\n}\n",
  "entrypoint.sh.tmpl":
    '#!/bin/sh\n{{ if (env "MAIL_FROM") }}export MAIL_PASSWORD={{ secret "mail_pass" }}{{ end }}\nexec "$@"\n',
  "pg_backup.sh": "#!/bin/sh\nset -eu\n",
  "compose.yml": `---
version: "3.8"

services:
  app:
    image: example/forum:\${APP_VERSION:-1.0.4}-\${APP_FLAVOUR:-large}
    environment:
      - HOSTNAME=\${DOMAIN}
      - UPLOAD_LIMIT
      - MAIL_FROM
      - MAIL_KEY
      - LANG=\${LANG:-en_US.UTF-8}
      - SEARCH=http://search:7700
    secrets: [key_base, meili_key]
    networks: [proxy, internal]
    configs:
      - {source: app_entrypoint, target: /entrypoint.sh, mode: 0555}
    entrypoint: /entrypoint.sh
    ${CHECK}
    deploy:
      labels:
        - "backupbot.backup=\${ENABLE_BACKUPS:-true}"
        - "coop-cloud.\${STACK_NAME}.version=1.0.0+1.0.4-large"
${ROUTE}
volumes:
  db-data:

networks:
  proxy:
    external: true
  internal:

configs:
  app_entrypoint:
    name: \${STACK_NAME}_app_entrypoint_\${APP_ENTRYPOINT_VERSION}
    file: entrypoint.sh.tmpl
    template_driver: golang

secrets:
  key_base: {external: true, name: "\${STACK_NAME}_key_base_\${SECRET_KEY_BASE_VERSION}"}
  meili_key: {external: true, name: "\${STACK_NAME}_meili_key_\${SECRET_MEILI_KEY_VERSION:-v1}"}
`,
  "compose.postgres.yml": `---
version: "3.8"
services:
  app:
    environment: [POSTGRES_PASSWORD_FILE=/run/secrets/db_password]
    secrets: [db_password]
  db:
    image: \${DB_IMAGE:-postgres:17.2}
    networks: [internal]
    environment: [POSTGRES_PASSWORD_FILE=/run/secrets/db_password]
    secrets: [db_password]
    volumes: ["db-data:/var/lib/postgresql/data"]
    configs:
      - {source: pg_backup, target: /pg_backup.sh, mode: 0555}
    ${CHECK}
    deploy:
      labels:
        backupbot.backup.pre-hook: /pg_backup.sh backup
        backupbot.backup.volumes.db-data.path: backup.sql
        backupbot.restore.post-hook: /pg_backup.sh restore
configs:
  pg_backup:
    name: \${STACK_NAME}_pg_backup_\${PG_BACKUP_VERSION}
    file: pg_backup.sh
secrets:
  db_password: {external: true, name: "\${STACK_NAME}_db_password_\${SECRET_DB_PASSWORD_VERSION}"}
`,
  "tuning/compose.tune.yml": `---
version: "3.8"
services:
  db:
    command: postgres -c shared_buffers=\${DB_MEMORY}MB
`,
  "compose.meili.yml": `---
version: "3.8"
services:
  search:
    image: getmeili/meilisearch:v1.14
    networks: [internal]
    secrets: [meili_key]
    volumes: ["search-data:/meili_data"]
    ${CHECK}
volumes:
  search-data:
`,
  "compose.sonic.yml": `---
version: "3.8"
services:
  sonic:
    image: valeriansaliou/sonic:v1.4.9
    networks: [internal]
    secrets: [sonic_pass]
    ${CHECK}
secrets:
  sonic_pass: {external: true, name: "\${STACK_NAME}_sonic_pass_\${SECRET_SONIC_PASS_VERSION}"}
`,
  "compose.mail.yml": `---
version: "3.8"
services:
  app:
    secrets: [mail_pass]
secrets:
  mail_pass: {external: true, name: "\${STACK_NAME}_mail_pass_\${SECRET_MAIL_PASS_VERSION}"}
`,
};

/** A proxy: lists of their own for each option, a port that is a word, a router of Traefik's own, the engine's socket. */
const PROXY = {
  ".env.sample": `TYPE=proxy

DOMAIN=proxy.example.com
LETS_ENCRYPT_ENV=production

LETS_ENCRYPT_EMAIL=certs@example.com
# DASHBOARD_ENABLED=true
LOG_LEVEL=WARN

## Sign in before the dashboard
#COMPOSE_FILE="compose.yml:compose.sign-in.yml"
#SIGN_IN_ENABLED=1

## Port 587
#COMPOSE_FILE="compose.yml:compose.smtp.yml"
#SMTP_ENABLED=1

## Addresses of visitors
#COMPOSE_FILE="compose.yml:compose.host.yml"
`,
  "abra.sh": "export PROXY_YML_VERSION=v12\n",
  "proxy.yml.tmpl": 'log: {level: {{ env "LOG_LEVEL" }}}\n{{ if eq (env "SMTP_ENABLED") "1" }}smtp: {}\n{{ end }}',
  "compose.yml": `---
version: "3.8"

services:
  app:
    image: "traefik:v2.11.2"
    ports: ["80:80", "443:443"]
    volumes:
      - "/var/run/docker.sock:/var/run/docker.sock"
      - "letsencrypt:/etc/letsencrypt"
    configs:
      - {source: proxy_yml, target: /etc/traefik/traefik.yml}
    networks: [proxy]
    environment: [DASHBOARD_ENABLED, LOG_LEVEL]
    ${CHECK}
    deploy:
      update_config: {failure_action: rollback, order: start-first}
      labels:
        - "traefik.enable=true"
        - "traefik.http.services.traefik.loadbalancer.server.port=web"
        - "traefik.http.routers.traefik.rule=Host(\`\${DOMAIN}\`)"
        - "traefik.http.routers.traefik.tls.certresolver=\${LETS_ENCRYPT_ENV}"
        - "traefik.http.routers.traefik.service=api@internal"
        - "coop-cloud.\${STACK_NAME}.version=2.0.0+v2.11.2"

networks:
  proxy:
    external: true

configs:
  proxy_yml:
    name: \${STACK_NAME}_proxy_yml_\${PROXY_YML_VERSION}
    file: proxy.yml.tmpl
    template_driver: golang

volumes:
  letsencrypt:
`,
  "compose.sign-in.yml": `---
version: "3.8"
services:
  app:
    environment: [SIGN_IN_ENABLED]
    deploy: {labels: ["traefik.http.routers.traefik.middlewares=sign-in@file"]}
`,
  "compose.smtp.yml": `---
version: "3.8"
services:
  app:
    environment: [SMTP_ENABLED]
    ports: ["587:587"]
`,
  "compose.host.yml": `---
version: "3.8"
services:
  app:
    deploy: {update_config: {order: stop-first}}
    ports:
      - {target: 80, published: 80, protocol: tcp, mode: host}
      - {target: 443, published: 443, protocol: tcp, mode: host}
`,
};

test.each([
  ["forum", FORUM, ["C003 compose.mail.yml:7"]],
  ["proxy", PROXY, ["C044 compose.yml:20", "C044 compose.yml:21"]],
])("%s, as such recipes are written, has no error", async (recipe, files, warnings) => {
  const folder = await writeFiles(files);
  expect(await found(folder, recipe, "error")).toEqual([]);
  expect(await found(folder, recipe, "warning")).toEqual(warnings);
});

/** Most recipes of the corpus are about one key of compose files: no route, no version label, one has no sample. */
const BARE = ["C022", "R008", "R010"];
/** Nested defaults, a TCP router without a port, a service that is shown without a router, configs without abra.sh, no network, a file that is not there. */
const ERRORS: Record<string, string[]> = {
  "container-labels": ["C031 compose.yml:24"],
  defaults: ["C012 compose.yml:16"],
  domains: ["C031 compose.yml:10"],
  external: ["R012 compose.yml:11"],
  networks: ["C031 compose.yml:17"],
  ignored: ["R012 compose.yml:48"],
  "no-version": ["C031 compose.yml:13", "C031 compose.yml:13"],
  overlays: ["C006 .env.sample:6"],
  taken: ["R012 compose.yml:16", "C031 compose.yml:25", "C017 compose.yml:34", "C017 compose.yml:36"],
};

test.each([...(await corpus()), ...APPLICATIONS])(
  "%s of the corpus has no error but those it is known for",
  async (recipe) => {
    const errors = await found(join(projectPath("tests/recipes"), recipe), recipe, "error");
    expect(errors.filter((error) => !BARE.includes(error.split(" ")[0] ?? ""))).toEqual(ERRORS[recipe] ?? []);
  },
);
