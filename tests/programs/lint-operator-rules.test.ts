// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables are those of compose files
import { expect, test } from "vitest";
import { RULES } from "../../lint/all-rules.ts";
import { type Changes, type LintedHow, lintWiki, placesOf, WIKI } from "../fixtures/lint.ts";

/** Rule, what the recipe is like, how it differs from a clean one, and where the rule finds something. */
type Case = [rule: string, what: string, changes: Changes, places: string[], how?: LintedHow];

const compose = (find: string, replace: string): Changes => ({ "compose.yml": [find, replace] });
const overlay = (find: string, replace: string): Changes => ({ "compose.cache.yml": [find, replace] });
const sample = (find: string, replace: string): Changes => ({ ".env.sample": [find, replace] });
/** Lines in service `cache` of the overlay, from its fourth line on. */
const cache = (...lines: string[]): Changes =>
  overlay("    image:", `${lines.map((line) => `    ${line}\n`).join("")}    image:`);
/** The same in service `db`, from line 21 on. */
const db = (line: string): Changes => compose("    image: postgres", `    ${line}\n    image: postgres`);

const VERSION_LABEL = "coop-cloud.${STACK_NAME}.version=1.1.0+1.2.0";
const RESTORE = '        backupbot.restore.post-hook: "psql -f /var/lib/postgresql/data/dump.sql"\n';
/** Another command before a backup. */
const preHook = (command: string) =>
  compose('pre-hook: "pg_dump -f /var/lib/postgresql/data/dump.sql"', `pre-hook: "${command}"`);
const POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 4\n";
const RAISED = { ".env.sample": WIKI[".env.sample"].replace("VERSION=v1", "VERSION=v2") };

/** A variable that has to have a value and only head's sample gives. */
const NEEDED = {
  ...compose("SITE=${DOMAIN}", "SITE=${SITE:?}"),
  ...sample("SMTP_HOST=", "SMTP_HOST=\nSITE=x"),
};
const AS_IT_WAS = { "compose.yml": WIKI["compose.yml"], ".env.sample": WIKI[".env.sample"] };

/** Labels of a route to the app, with names for router and service. */
const ROUTER = (router: string, service: string) =>
  [
    `"traefik.http.routers.${router}.rule=Host(\`${"${DOMAIN}"}\`)"`,
    `"traefik.http.services.${service}.loadbalancer.server.port=80"`,
    '"traefik.enable=true"',
  ].join("\n        - ");

/** The same with lists of labels beside it. */
const ROUTED = (...labels: string[]) =>
  compose(
    '"traefik.enable=true"',
    [ROUTER("${STACK_NAME}", "${STACK_NAME}"), ...labels.map((label) => `"traefik.http.${label}"`)].join(
      "\n        - ",
    ),
  );
const AT = "routers.${STACK_NAME}.entrypoints=web-secure";

/** The config of service `app` with a mode, from line 9 on. */
const mode = (text: string) => compose("target: /etc/wiki.conf", `target: /etc/wiki.conf\n        mode: ${text}`);
/** The health check of service `app`, in line 18. */
const asked = (test: string) => compose('test: ["CMD", "wiki", "status"]', `test: ${test}`);
const SCRIPT = { "app.conf.tmpl": "#!/bin/sh\necho\n" };
/** What is in a service with the config as its entrypoint, from line 5 on. */
const started = (entrypoint: string, text = "0555"): Changes => ({
  "compose.yml": WIKI["compose.yml"]
    .replace("target: /etc/wiki.conf", `target: /etc/wiki.conf\n        mode: ${text}`)
    .replace("    environment:", `    ${entrypoint}\n    environment:`),
});
/** Lines under `deploy` of service `db`, from line 27 on. */
const deployed = (line: string) =>
  compose(
    "    deploy:\n      labels:\n        backupbot",
    `    deploy:\n      ${line}\n      labels:\n        backupbot`,
  );

const FAILING: Case[] = [
  ["C045", "TLS without a resolver", ROUTED(AT, "routers.${STACK_NAME}.tls=true"), ["C045 compose.yml:14"]],
  ["C046", "decimal digits", mode("400"), ["C046 compose.yml:7"]],
  ["C046", "the mode of a script", mode("755"), ["C046 compose.yml:7"]],
  ["C046", "a mode of nobody", mode("0000"), ["C046 compose.yml:7"]],
  [
    "C046",
    "a secret of root's in a service of another user",
    cache('user: "999"', "secrets: [{source: db_password, mode: 0400}]"),
    ["C046 compose.cache.yml:5"],
  ],
  [
    "C047",
    "an entrypoint without x",
    { ...started("entrypoint: /etc/wiki.conf", "0444"), ...SCRIPT },
    ["C047 compose.yml:5"],
  ],
  [
    "C047",
    "a command without x",
    { ...started("command: [/etc/wiki.conf]", "0444"), ...SCRIPT },
    ["C047 compose.yml:5"],
  ],
  [
    "C047",
    "one in a text for a shell",
    { ...started("entrypoint: [sh, -c, 'set -e; exec /etc/wiki.conf run']", "0444"), ...SCRIPT },
    ["C047 compose.yml:5"],
  ],
  ["C047", "a health check without x", { ...asked('"/etc/wiki.conf || exit 1"'), ...SCRIPT }, ["C047 compose.yml:18"]],
  [
    "C047",
    "a hook without x",
    {
      "compose.yml": WIKI["compose.yml"]
        .replace(
          "backupbot.backup=true",
          'backupbot.backup=true"\n        - "backupbot.backup.pre-hook=/etc/wiki.conf dump',
        )
        .replace(RESTORE, ""),
      ...SCRIPT,
    },
    ["C047 compose.yml:13"],
  ],
  [
    "C047",
    "no interpreter",
    { ...started("entrypoint: [/etc/wiki.conf]"), "app.conf.tmpl": "echo\n" },
    ["C047 compose.yml:5"],
  ],
  [
    "C047",
    "line ends of Windows",
    { ...started("entrypoint: [/etc/wiki.conf]"), "app.conf.tmpl": "#!/bin/sh\r\necho\r\n" },
    ["C047 compose.yml:5"],
  ],
  [
    "C047",
    "one behind a launcher",
    { ...started("entrypoint: [tini, --, /etc/wiki.conf]", "0444"), ...SCRIPT },
    ["C047 compose.yml:5"],
  ],
  [
    "C047",
    "one of those that an image looks for",
    compose("target: /etc/wiki.conf", "target: /docker-entrypoint.d/40-wiki.sh"),
    ["C047 compose.yml:7"],
  ],
  ["C048", "no CMD", asked('["curl", "-f", "http://localhost"]'), ["C048 compose.yml:18"]],
  ["C048", "a command line after CMD", asked('["CMD", "curl -f http://localhost || exit 1"]'), ["C048 compose.yml:18"]],
  ["C048", "a pipe after CMD", asked('["CMD", "pg_isready", "||", "exit", "1"]'), ["C048 compose.yml:18"]],
  ["C048", "a variable after CMD", asked('["CMD", "pg_isready", "-U", "$$USER"]'), ["C048 compose.yml:18"]],
  ["C048", "words after CMD-SHELL", asked('["CMD-SHELL", "curl", "-f", "x"]'), ["C048 compose.yml:18"]],
  ["C049", "an update that starts first", deployed("update_config: {order: start-first}"), ["C049 compose.yml:27"]],
  ["C049", "two replicas", deployed("replicas: 2"), ["C049 compose.yml:27"]],
  [
    "C049",
    "Redis that keeps its data",
    cache("volumes: [data:/data]", "deploy: {update_config: {order: start-first}}"),
    ["C049 compose.cache.yml:5"],
  ],
  ["C050", "a template without a driver", compose("    template_driver: golang\n", ""), ["C050 compose.yml:36"]],
  [
    "C050",
    "a secret in a file of any name",
    {
      "compose.yml": WIKI["compose.yml"]
        .replace("    template_driver: golang\n", "")
        .replace("app.conf.tmpl", "app.conf"),
      "app.conf": '{{ secret "db_password" }}',
    },
    ["C050 compose.yml:36"],
  ],
  ["C051", "a version", db("environment: {V: 1.10, W: '1.10'}"), ["C051 compose.yml:21"]],
  ["C051", "a mode in an anchor", db("environment: {<<: &e {UMASK: 0022}}"), ["C051 compose.yml:21"]],
  ["C051", "a label", db("labels: {a.b: 1e3}"), ["C051 compose.yml:21"]],
  ["C051", "an option", db("logging: {driver: local, options: {max-file: 010}}"), ["C051 compose.yml:21"]],
  [
    "C052",
    "quotes",
    cache("environment:", `  - A="b"`, "  - B='c d'"),
    ["C052 compose.cache.yml:5", "C052 compose.cache.yml:6"],
  ],
  ["C052", "quotes around nothing", cache("environment:", '  - A=""'), ["C052 compose.cache.yml:5"]],
  ["C052", "a blank", cache("environment: ['A = b']"), ["C052 compose.cache.yml:4"]],
  ["C052", "a label in quotes", cache(`labels: ['a.b="c"']`), ["C052 compose.cache.yml:4"]],
  ["C053", "another value", sample("SMTP_HOST=", "SMTP_HOST=a\nSMTP_HOST=b"), ["C053 .env.sample:5"]],
  ["C053", "the list anew", sample("SMTP_HOST=", 'COMPOSE_FILE="compose.yml"'), ["C053 .env.sample:4"]],
  [
    "C056",
    "a secret of nobody",
    compose(
      "secrets:\n  db_password:",
      "secrets:\n  forgotten: {external: true, name: x_forgotten_v1}\n  db_password:",
    ),
    ["C056 compose.yml:41"],
  ],
  [
    "C056",
    "a config of nobody",
    compose("    configs:\n      - source: app_conf\n        target: /etc/wiki.conf\n", ""),
    ["C056 compose.yml:33"],
  ],
  ["C055", "the name of another", db("networks: {default: {aliases: [app]}}"), ["C055 compose.yml:21"]],
  ["C054", "one of no config", { "abra.sh": `${WIKI["abra.sh"]}export OTHER_CONF_VERSION=v1\n` }, ["C054 abra.sh:2"]],
  ["C028", "a label for Traefik", cache('labels: ["a=b", "traefik.enable=true"]'), ["C028 compose.cache.yml:4"]],
  ["C028", "labels for the backup as a mapping", db("labels: {backupbot.backup: 'true'}"), ["C028 compose.yml:21"]],
  ["C028", "the version label", db('labels: ["coop-cloud.${STACK_NAME}.version=1.0.0+1"]'), ["C028 compose.yml:21"]],
  [
    "C029",
    "a label written as a mapping",
    compose("        backupbot.backup.pre-hook:", '        "a.${STACK_NAME}.b": x\n        backupbot.backup.pre-hook:'),
    ["C029 compose.yml:28"],
  ],
  ["C029", "a variable of the environment", cache("environment:", "  $DOMAIN: x"), ["C029 compose.cache.yml:5"]],
  [
    "C030",
    "a secret that the service has not",
    cache("environment:", "  - REDIS_PASSWORD_FILE=/run/secrets/db_password"),
    ["C030 compose.cache.yml:5"],
  ],
  [
    "C030",
    "a secret by another name",
    db("environment: {A_FILE: file:///run/secrets/password}"),
    ["C030 compose.yml:21"],
  ],
  ["C031", "no network that Traefik is in", compose("[default, proxy]", "[default]"), ["C031 compose.yml:14"]],
  [
    "C031",
    "a port that is a word",
    compose(
      "traefik.enable=true",
      'traefik.enable=true"\n        - "traefik.http.routers.x.rule=Host(`x`)"\n        - "traefik.http.services.x.loadbalancer.server.port=web',
    ),
    ["C031 compose.yml:14"],
  ],
  [
    "C032",
    "a domain that abra does not replace",
    sample("DOMAIN=wiki.example.com", "DOMAIN=wiki.example.org"),
    ["C032 .env.sample:2"],
  ],
  ["C032", "the domain of another recipe", sample("DOMAIN=wiki", "DOMAIN=wikis"), ["C032 .env.sample:2"]],
  [
    "C032",
    "a domain that nothing uses",
    { ...compose("${DOMAIN}", "x"), "app.conf.tmpl": "x" },
    ["C032 .env.sample:2"],
  ],
  ["C033", "the type of another recipe", sample("TYPE=wiki", "TYPE=wikis"), ["C033 .env.sample:1"]],
  ["C033", "no type", sample("TYPE=wiki", "A=b"), ["C033 .env.sample:1"]],
  ["C034", "a password in the sample", sample("SMTP_HOST=", "SMTP_PASSWORD=hunter2"), ["C034 .env.sample:4"]],
  ["C034", "a password in the environment", db("environment: {POSTGRES_PASSWORD: wiki}"), ["C034 compose.yml:21"]],
  [
    "C034",
    "a password as a default, in a list",
    cache("environment:", "  - REDIS_PASSWORD=${REDIS_PASSWORD:-wiki}"),
    ["C034 compose.cache.yml:5"],
  ],
  ["C035", "the version of another image", compose("wiki:1.2.0", "wiki:1.3.0"), ["C035 compose.yml:16"]],
  ["C036", "a dump that nothing restores", compose(RESTORE, ""), ["C036 compose.yml:28"]],
  [
    "C036",
    "a restore in another service alone",
    {
      "compose.yml": WIKI["compose.yml"]
        .replace(RESTORE, "")
        .replace("backupbot.backup=true", 'backupbot.backup=true"\n        - "backupbot.restore.post-hook=x'),
    },
    ["C036 compose.yml:29"],
  ],
  ["C057", "a dump for each day", preHook("pg_dump > /data/wiki-$$(date +%F).sql"), ["C057 compose.yml:28"]],
  ["C057", "a dump for each second", preHook("pg_dump > /data/`date +%s`.sql"), ["C057 compose.yml:28"]],
  ["C057", "a name made before", preHook("AT=$$(date +%s); pg_dump > /data/$$AT.sql"), ["C057 compose.yml:28"]],
  [
    "C037",
    "both",
    cache("ports: [{target: 1, published: 1, mode: host}]", "deploy:", "  update_config:", "    order: start-first"),
    ["C037 compose.cache.yml:7"],
  ],
  [
    "C038",
    "a version that is raised",
    RAISED,
    ["C038 .env.sample:5"],
    { release: { ".env.sample": WIKI[".env.sample"] } },
  ],
  [
    "C038",
    "a version that is raised in a comment alone",
    { ".env.sample": RAISED[".env.sample"].replace("SECRET", "#SECRET") },
    ["C038 .env.sample:5"],
    { release: { ".env.sample": WIKI[".env.sample"] } },
  ],
  [
    "C039",
    "a hash of a password",
    sample("SMTP_HOST=", "SMTP_HOST=$2y$10$abc"),
    ["C039 .env.sample:4", "C039 .env.sample:4"],
  ],
  ["C039", "a variable of a later line", sample("SMTP_HOST=", "SMTP_HOST=x.$CACHE_SIZE"), ["C039 .env.sample:4"]],
  ["C039", "a list of files without the first", sample('COMPOSE_FILE="compose.yml"\n', "\n"), ["C039 .env.sample:7"]],
  ["C040", "a pointer", { "app.conf.tmpl": POINTER }, ["C040 compose.yml:38"]],
  ["C041", "a key that Swarm ignores", cache("privileged: true"), ["C041 compose.cache.yml:4"]],
  [
    "C041",
    "restart beside a policy",
    cache("restart: always", "deploy: {restart_policy: {condition: any}}"),
    ["C041 compose.cache.yml:4"],
  ],
  ["C041", "a relative bind", cache("volumes:", "  - ./data:/data"), ["C041 compose.cache.yml:4"]],
  [
    "C041",
    "a volume that nothing mounts",
    compose("volumes:\n  data:\n", "volumes:\n  spare:\n  data:\n"),
    ["C041 compose.yml:34"],
  ],
  ["C042", "a new variable that has to have a value", NEEDED, ["C042 compose.yml:6"], { release: AS_IT_WAS }],
  [
    "C042",
    "a change that no Swarm takes",
    compose(
      "    deploy:\n      labels:\n        backupbot",
      "    deploy:\n      mode: global\n      labels:\n        backupbot",
    ),
    ["C042 compose.yml:20"],
    { release: { "compose.yml": WIKI["compose.yml"] } },
  ],
  [
    "C042",
    "a version label that goes back",
    {},
    ["C042 compose.yml:13"],
    { release: { "compose.yml": WIKI["compose.yml"].replace("version=1.1.0", "version=2.0.0") } },
  ],
  ["C043", "a sibling by its bare name", compose("SITE=${DOMAIN}", "SITE=http://app:80/x"), ["C043 compose.yml:5"]],
  ["C043", "a host in a variable", compose("SITE=${DOMAIN}", "WIKI_HOST=app"), ["C043 compose.yml:5"]],
  [
    "C044",
    "a fixed router",
    compose('"traefik.enable=true"', ROUTER("wiki", "${STACK_NAME}")),
    ["C044 compose.yml:14"],
  ],
  [
    "C044",
    "a fixed service of Traefik's",
    compose('"traefik.enable=true"', ROUTER("${STACK_NAME}", "wiki")),
    ["C044 compose.yml:15"],
  ],
];

const PASSING: Case[] = [
  ["C045", "a resolver", ROUTED(AT, "routers.${STACK_NAME}.tls.certresolver=${LETS_ENCRYPT_ENV}"), []],
  ["C045", "a router of plain HTTP", ROUTED("routers.${STACK_NAME}.entrypoints=web"), []],
  ["C046", "octal digits", mode("0440"), []],
  ["C046", "octal digits of YAML 1.2", mode("0o444"), []],
  ["C046", "a mode that is meant in decimal digits", mode("420"), []],
  [
    "C046",
    "secrets of the service's user, of its group, of all",
    cache(
      'user: "999:99"',
      "secrets:",
      "  - {source: db_password, mode: 0400, uid: '999'}",
      "  - {source: db_password, target: b, mode: 0440, gid: '99'}",
      "  - {source: db_password, target: c}",
    ),
    [],
  ],
  [
    "C046",
    "a secret of root's for a user of no number",
    cache("user: redis", "secrets: [{source: db_password, mode: 0400}]"),
    [],
  ],
  ["C047", "an entrypoint with x", { ...started("entrypoint: /etc/wiki.conf"), ...SCRIPT }, []],
  [
    "C047",
    "a script for a shell",
    { ...started("entrypoint: [sh, /etc/wiki.conf]", "0444"), "app.conf.tmpl": "echo\n" },
    [],
  ],
  ["C047", "a file as an argument", started("command: [/etc/wiki.conf]", "0444"), []],
  [
    "C047",
    "a file that a shell reads",
    {
      ...started("entrypoint: [sh, -c, '. /etc/wiki.conf && cat /etc/wiki.conf; ls /etc/wiki.conf.d']", "0444"),
      ...SCRIPT,
    },
    [],
  ],
  ["C047", "no interpreter, by a shell", { ...started("healthcheck: {}"), "app.conf.tmpl": "echo\n" }, []],
  [
    "C047",
    "a script for a shell behind a launcher",
    { ...started("entrypoint: [tini, --, sh, /etc/wiki.conf]", "0444"), "app.conf.tmpl": "echo\n" },
    [],
  ],
  ["C047", "a setting that an image looks for", compose("/etc/wiki.conf", "/docker-entrypoint.d/wiki.conf"), []],
  ["C048", "a shell behind another program", asked('["CMD", "timeout", "5", "sh", "-c", "echo $$USER || true"]'), []],
  ["C048", "code of another language", asked('["CMD", "php", "-r", "$$x = 1; exit(0);"]'), []],
  ["C048", "a text", asked('"curl -f http://localhost || exit 1"'), []],
  ["C048", "words after CMD", asked('["CMD", "curl", "-f", "http://localhost/?a=b;c"]'), []],
  ["C048", "a text after CMD-SHELL", asked('["CMD-SHELL", "pg_isready -U $$USER || exit 1"]'), []],
  ["C048", "a shell after CMD", asked('["CMD", "sh", "-c", "pg_isready -U $$USER"]'), []],
  ["C048", "none", asked('["NONE"]'), []],
  ["C048", "a path with a blank", asked('["CMD", "/opt/my app/health"]'), []],
  ["C049", "an update that stops first", deployed("update_config: {order: stop-first}"), []],
  [
    "C049",
    "a folder of the node for each",
    { ...deployed("replicas: 2"), ...compose("data:/var", "/srv/{{.Task.Slot}}:/var") },
    [],
  ],
  [
    "C049",
    "an app that is no database",
    compose('      labels:\n        - "t', '      update_config: {order: start-first}\n      labels:\n        - "t'),
    [],
  ],
  ["C049", "Redis without a volume", cache("deploy: {update_config: {order: start-first}}"), []],
  [
    "C050",
    "braces that are another's",
    {
      "compose.yml": WIKI["compose.yml"]
        .replace("    template_driver: golang\n", "")
        .replace("app.conf.tmpl", "app.conf"),
      "app.conf": '{{ env "SITE" }} {{ with secret "kv/x" }}{{ end }}',
    },
    [],
  ],
  [
    "C050",
    "braces of nothing",
    { ...compose("    template_driver: golang\n", ""), "app.conf.tmpl": "{{ .Values.x }}" },
    [],
  ],
  [
    "C051",
    "quotes, words and whole numbers",
    db("environment: {A: '1.10', B: yes, C: 80, D: 12:30, E: 1.1, F: , G: ~}"),
    [],
  ],
  ["C051", "a list", cache("environment: [A=1.10, B=0755]"), []],
  ["C052", "quotes within, and around all", cache("environment:", `  - 'A=["b"]'`, `  - "B=c"`), []],
  ["C052", "quotes in a mapping", cache(`environment: {A: '"b"'}`), []],
  ["C053", "a list that goes on", sample("SMTP_HOST=", 'COMPOSE_FILE="$COMPOSE_FILE:compose.cache.yml"'), []],
  ["C053", "another value in a comment", sample("SMTP_HOST=", "SMTP_HOST=a\n#SMTP_HOST=b"), []],
  [
    "C056",
    "a secret of an option",
    {
      ...compose(
        "secrets:\n  db_password:",
        "secrets:\n  cache: {external: true, name: '${STACK_NAME}_cache_v1'}\n  db_password:",
      ),
      ...cache("secrets: [cache]"),
    },
    [],
  ],
  ["C055", "a name of its own", db("networks: {default: {aliases: [database]}}"), []],
  [
    "C055",
    "one for several servers of an image",
    {
      "compose.cache.yml": null,
      ...compose(
        "  db:\n",
        "  cache: {image: 'redis:7', networks: {default: {aliases: [redis]}}}\n  more: {image: 'redis:7.2', networks: {default: {aliases: [redis]}}}\n  db:\n",
      ),
    },
    [],
  ],
  [
    "C054",
    "those of configs, and one that a function has",
    { "abra.sh": `${WIKI["abra.sh"]}export TOOL_VERSION=v1\nget() { echo $TOOL_VERSION; }\n` },
    [],
  ],
  ["C043", "a whole name", compose("SITE=${DOMAIN}", "SITE=http://${STACK_NAME}_app:80"), []],
  ["C043", "a service that is not in proxy", db("environment: {A: http://app/}"), []],
  ["C043", "a database", compose("SITE=${DOMAIN}", "DB_HOST=db"), []],
  ["C043", "a word", compose("SITE=${DOMAIN}", "SITE=my app: app.example.org:80/app myapp:80"), []],
  ["C044", "names of the app's own", compose('"traefik.enable=true"', ROUTER("${STACK_NAME}-a", "${STACK_NAME}")), []],
  ["C028", "labels of its own", cache('labels: ["org.example.traefik.enable=true"]'), []],
  ["C028", "labels in both places", db("labels: {backupbot.backup.pre-hook: x}"), []],
  ["C029", "an escaped dollar and a variable as value", cache("environment:", "  $$A: $DOMAIN"), []],
  ["C030", "a secret by its target", db("environment: {A_FILE: /run/secrets/db_password, B: /run/secrets, C: x}"), []],
  [
    "C030",
    "a secret of an overlay that sets the variable as well",
    cache("environment: [A_FILE=/run/secrets/pass]", "secrets: [{source: db_password, target: pass}]"),
    [],
  ],
  ["C031", "a service that Traefik does not show", cache("deploy: {labels: [traefik.enable=false]}"), []],
  [
    "C031",
    "another network that a label names",
    compose("traefik.enable=true", 'traefik.enable=true"\n        - "traefik.docker.network=proxy'),
    [],
  ],
  ["C032", "a sub-domain", sample("DOMAIN=wiki", "DOMAIN=www.wiki"), []],
  [
    "C032",
    "no domain",
    { "compose.yml": WIKI["compose.yml"].replace("${DOMAIN}", "x"), ...sample("DOMAIN=wiki.example.com\n", "") },
    [],
  ],
  ["C032", "a domain that only a config uses", compose("${DOMAIN}", "x"), []],
  ["C033", "a type with a version, and the newer key", sample("TYPE=wiki", "RECIPE=wiki:1.0.0+1"), []],
  [
    "C034",
    "what is empty, a version, a path, a place to fill in, or a variable",
    sample(
      "SMTP_HOST=",
      "SMTP_PASSWORD=\nA_TOKEN=v1\nB_PASSWORD_FILE=/run/secrets/b\nC_KEY=<your key>\nD_PASSWORD=$SMTP_PASSWORD",
    ),
    [],
  ],
  ["C034", "a password from a variable", cache("environment:", "  - REDIS_PASSWORD=${REDIS_PASSWORD:-}"), []],
  ["C034", "an example in a comment", sample("#CACHE_SIZE=64", "#SMTP_PASSWORD=hunter2\n#CACHE_SIZE=64"), []],
  ["C035", "a v on one side", compose("wiki:1.2.0", "wiki:v1.2.0"), []],
  ["C035", "a tag and a digest", compose("wiki:1.2.0", `wiki:1.2.0@sha256:${"0".repeat(64)}`), []],
  ["C035", "no label, which is told by another rule", compose(`        - "${VERSION_LABEL}"\n`, ""), []],
  ["C036", "a dump and its restore", {}, []],
  ["C057", "one dump", {}, []],
  ["C057", "the time in what it says", preHook("pg_dump > /data/dump.sql && echo done at $$(date)"), []],
  ["C057", "older ones removed", preHook("find /data -delete; pg_dump > /data/$$(date +%F).sql"), []],
  [
    "C036",
    "a hook that dumps nothing",
    compose("traefik.enable=true", 'traefik.enable=true"\n        - "backupbot.backup.pre-hook=touch /x'),
    [],
  ],
  [
    "C037",
    "a port of mode host",
    cache("ports: [{target: 1, published: 1, mode: host}]", "deploy: {update_config: {order: stop-first}}"),
    [],
  ],
  ["C037", "start-first", cache("ports: ['1:1']", "deploy: {update_config: {order: start-first}}"), []],
  ["C038", "a version as it was", {}, [], { release: { ".env.sample": `${WIKI[".env.sample"]}A=1\n` } }],
  ["C038", "a new secret", {}, [], { release: { ".env.sample": "TYPE=wiki\n" } }],
  [
    "C038",
    "a version that release notes name",
    { ...RAISED, "release/next": "Set SECRET_DB_PASSWORD_VERSION=v2 and insert the secret.\n" },
    [],
    { release: { ".env.sample": WIKI[".env.sample"], "release/next": "Nothing to do.\n" } },
  ],
  [
    "C039",
    "single quotes, an escape, small letters and an earlier line",
    sample("SMTP_HOST=", "A='$2y$10'\nB=\\$X\nC=$apr1\nSMTP_HOST=$DOMAIN"),
    [],
  ],
  ["C040", "a file about pointers", { "app.conf.tmpl": `# ${POINTER}` }, []],
  ["C041", "what a Swarm knows", cache("cap_add: [NET_ADMIN]", "volumes: [/srv/data:/data]"), []],
  [
    "C041",
    "a volume that an overlay mounts",
    { ...compose("volumes:\n  data:\n", "volumes:\n  spare:\n  data:\n"), ...cache("volumes: [spare:/x]") },
    [],
  ],
  ["C042", "a new variable with a default", compose("SITE=${DOMAIN}", "SITE=${SITE:-x}"), [], { release: AS_IT_WAS }],
  [
    "C042",
    "a new variable that operators are told to set",
    NEEDED,
    [],
    { release: AS_IT_WAS, upgradeEnv: { SITE: "x" } },
  ],
  [
    "C042",
    "a release that can't be loaded",
    NEEDED,
    [],
    { release: { ...AS_IT_WAS, "compose.yml": "services: {}\n" } },
  ],
  [
    "C042",
    "what stops a new app as well",
    compose("    image: postgres", "    comand: x\n    image: postgres"),
    [],
    { release: AS_IT_WAS },
  ],
];

test.each(FAILING)("%s finds %s", async (rule, _what, changes, places, how) => {
  const report = await lintWiki(changes, how);
  expect(placesOf(report, rule)).toEqual(places);
  // Loading warns of the same, and that is told once.
  if (rule >= "C045") expect(placesOf(report, "C041")).toEqual([]);
});

test.each(PASSING)("%s accepts %s", async (rule, _what, changes, places, how) => {
  expect(placesOf(await lintWiki(changes, how), rule)).toEqual(places);
});

test("every rule from C028 on has a case that fails and one that passes", () => {
  const own = RULES.map(({ id }) => id).filter((id) => id >= "C028" && !id.startsWith("R"));
  for (const cases of [FAILING, PASSING]) expect([...new Set(cases.map(([rule]) => rule))].sort()).toEqual(own.sort());
});

test("no value of a credential is in a finding", async () => {
  const report = await lintWiki({
    ...sample("SMTP_HOST=", "SMTP_PASSWORD=hunter2"),
    ...db("environment: {A_PASSWORD: hunter3}"),
  });
  expect(placesOf(report, "C034")).toHaveLength(2);
  expect(JSON.stringify(report)).not.toMatch(/hunter[23]/);
});
