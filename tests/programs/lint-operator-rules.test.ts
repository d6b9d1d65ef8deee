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

const FAILING: Case[] = [
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
  expect(placesOf(await lintWiki(changes, how), rule)).toEqual(places);
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
