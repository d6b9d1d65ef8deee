import { readFile } from "node:fs/promises";
import { projectPath } from "../../lib/project.ts";
import { gitFolder } from "../fixtures/recipe-folder.ts";

/** A wiki of one page of PHP, which keeps everything in MariaDB; its images are those of WordPress's own test. */
const COMPOSE = `version: "3.8"
services:
  app:
    image: wordpress:6.8
    entrypoint: apache2-foreground
    networks: [proxy, internal]
    configs:
      - { source: index, target: /var/www/html/index.php }
    secrets: [db_password]
    deploy:
      labels:
        - "traefik.enable=true"
        - "traefik.http.services.\${STACK_NAME}.loadbalancer.server.port=80"
        - "traefik.http.routers.\${STACK_NAME}.rule=Host(\`\${DOMAIN}\`)"
        - "traefik.http.routers.\${STACK_NAME}.entrypoints=web-secure"
        - "traefik.http.routers.\${STACK_NAME}.tls=true"
        - "backupbot.backup=true"
        - "coop-cloud.\${STACK_NAME}.version=1.0.0+6.8"
    healthcheck: { test: ["CMD", "curl", "-fso", "/dev/null", "http://localhost/"], interval: 2s, retries: 30 }
  db:
    image: mariadb:11.8
    networks: [internal]
    volumes: ["mariadb:/var/lib/mysql"]
    environment:
      - MARIADB_DATABASE=wiki
      - MARIADB_USER=wiki
      - MARIADB_PASSWORD_FILE=/run/secrets/db_password
      - MARIADB_ROOT_PASSWORD_FILE=/run/secrets/db_root_password
    configs:
      - { source: mariadb_backup, target: /mariadb_backup.sh, mode: 0555 }
    secrets: [db_password, db_root_password]
    stop_grace_period: 10s
    deploy:
      labels:
        - "backupbot.backup.pre-hook=/mariadb_backup.sh backup"
        - "backupbot.backup.volumes.mariadb.path=backup.sql.gz"
        - "backupbot.restore.post-hook=/mariadb_backup.sh restore"
    healthcheck: { test: ["CMD", "healthcheck.sh", "--connect", "--innodb_initialized"], interval: 2s, retries: 30 }
networks:
  proxy: { external: true }
  internal:
volumes:
  mariadb:
configs:
  index: { name: "\${STACK_NAME}_index_\${INDEX_VERSION}", file: index.php }
  mariadb_backup: { name: "\${STACK_NAME}_mariadb_backup_\${MARIADB_BACKUP_VERSION}", file: mariadb_backup.sh }
secrets:
  db_password: { name: "\${STACK_NAME}_db_password_\${SECRET_DB_PASSWORD_VERSION}", external: true }
  db_root_password: { name: "\${STACK_NAME}_db_root_password_\${SECRET_DB_ROOT_PASSWORD_VERSION}", external: true }
`;

const PAGE = `<?php
$db = new mysqli('db', 'wiki', trim(file_get_contents('/run/secrets/db_password')), 'wiki');
$db->query('CREATE TABLE IF NOT EXISTS pages (title VARCHAR(64) PRIMARY KEY, text TEXT)');
if (isset($_POST['title'])) $db->execute_query('REPLACE INTO pages VALUES (?, ?)', [$_POST['title'], $_POST['text']]);
echo '<!doctype html><title>Wiki</title>';
$all = $db->execute_query('SELECT text FROM pages WHERE title = ?', [$_GET['title'] ?? '']);
foreach ($all as $page) echo '<p>' . htmlspecialchars($page['text']) . '</p>';
`;

/** The recipe `wiki` as a git repository, for a test; it has no release. */
export async function wikiRecipe(): Promise<string> {
  return gitFolder({
    "compose.yml": COMPOSE,
    "index.php": PAGE,
    "mariadb_backup.sh": await readFile(projectPath("tests/recipes/wordpress/mariadb_backup.sh"), "utf8"),
    ".env.sample":
      "TYPE=wiki\nDOMAIN=wiki.example.com\nSECRET_DB_PASSWORD_VERSION=v1\nSECRET_DB_ROOT_PASSWORD_VERSION=v1\n",
    "abra.sh": "export INDEX_VERSION=v1\nexport MARIADB_BACKUP_VERSION=v1\n",
  });
}
