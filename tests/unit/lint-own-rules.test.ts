// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables are those of compose files
import { expect, test } from "vitest";
import { RULES } from "../../lint/all-rules.ts";
import { type Changes, type LintedHow, lintWiki, placesOf, WIKI } from "../fixtures/lint.ts";

/** Rule, what the recipe is like, how it differs from a clean one, and where the rule finds something. */
type Case = [rule: string, what: string, changes: Changes, places: string[], how?: LintedHow];

const compose = (find: string, replace: string): Changes => ({ "compose.yml": [find, replace] });
const overlay = (find: string, replace: string): Changes => ({ "compose.cache.yml": [find, replace] });
const sample = (find: string, replace: string): Changes => ({ ".env.sample": [find, replace] });
const template = (text: string): Changes => ({ "app.conf.tmpl": text });
const more = (services: string): Changes => ({ "compose.more.yml": `version: "3.8"\nservices:\n${services}\n` });

const VERSION_LABEL = "coop-cloud.${STACK_NAME}.version=1.1.0+1.2.0";
const DUMP = '        backupbot.backup.pre-hook: "pg_dump -f /var/lib/postgresql/data/dump.sql"\n';

const FAILING: Case[] = [
  ["C001", "broken YAML", overlay("    image:", "   image: x\n    image:"), ["C001 compose.cache.yml:4"]],
  ["C001", "an alias of nothing", overlay("image: redis:7.2", "image: *redis"), ["C001 compose.cache.yml:1"]],
  ["C001", "a line of the sample that assigns nothing", sample("SMTP_HOST=", "SMTP_HOST"), ["C001 .env.sample:4"]],
  ["C002", "an unknown key", overlay("    command:", "    comand:"), ["C002 compose.cache.yml:3"]],
  [
    "C002",
    "a forbidden key",
    compose("    image: postgres", "    mem_limit: 1g\n    image: postgres"),
    ["C002 compose.yml:21"],
  ],
  [
    "C002",
    "a network that is not declared",
    overlay("    command:", "    networks: [nowhere]\n    command:"),
    ["C002 compose.cache.yml:5"],
  ],
  [
    "C003",
    "a number from an option",
    more('  cache: {ports: [{target: 80, published: "${CACHE_SIZE}"}]}'),
    ["C003 compose.more.yml:3"],
  ],
  ["C004", "a variable from nowhere", overlay("${CACHE_SIZE}", "${CASH_SIZE}"), ["C004 compose.cache.yml:5"]],
  ["C005", "no compose.yml", { "compose.yml": null }, ["C005"]],
  ["C006", "a missing file", sample('"compose.yml"', '"compose.yml:compose.nope.yml"'), ["C006 .env.sample:3"]],
  ["C006", "a missing file of an option", { "compose.cache.yml": null }, ["C006 .env.sample:7"]],
  ["C007", "another version in an overlay", overlay("3.8", "3.7"), ["C007 compose.cache.yml:1"]],
  ["C008", "the key tmpfs", overlay("    command:", "    tmpfs: [/run]\n    command:"), ["C008 compose.cache.yml:5"]],
  ["C009", "a service of another overlay", more("  cache: {command: x}"), ["C009 compose.more.yml:3"]],
  [
    "C010",
    "a variable as start period",
    compose("interval: 5s", "start_period: ${START:-5s}"),
    ["C010 compose.yml:19"],
  ],
  [
    "C010",
    "a variable as grace period",
    overlay("    command:", "    stop_grace_period: $GRACE\n    command:"),
    ["C010 compose.cache.yml:5"],
  ],
  [
    "C011",
    "a variable in a port",
    overlay("    command:", '    ports: ["${CACHE_SIZE:-1}:80"]\n    command:'),
    ["C011 compose.cache.yml:5"],
  ],
  ["C012", "a variable as default", compose("SITE=${DOMAIN}", "SITE=${SITE:-${DOMAIN}}"), ["C012 compose.yml:6"]],
  [
    "C012",
    "a variable without braces as default",
    compose("SITE=${DOMAIN}", "SITE=${SITE-$DOMAIN}"),
    ["C012 compose.yml:6"],
  ],
  ["C013", "a secret the service does not mount", template('\n{{ secret "db_passwd" }}'), ["C013 app.conf.tmpl:2"]],
  ["C013", "a config by its key", template('{{ config "app_conf" }}'), ["C013 app.conf.tmpl:1"]],
  ["C014", "a variable nobody sets", template('a\nb {{ if eq (env "SIET") "x" }}y{{ end }}'), ["C014 app.conf.tmpl:2"]],
  ["C014", "a variable of the app in another service", usedBy("db", '{{ env "DOMAIN" }}'), ["C014 app.conf.tmpl:1"]],
  ["C015", "a file that is not there", compose("file: app.conf.tmpl", "file: app.conf"), ["C015 compose.yml:37"]],
  ["C016", "a changed file under the same name", {}, ["C016 compose.yml:36"], { release: { "app.conf.tmpl": "old" } }],
  [
    "C017",
    "a secret that is not external",
    compose("    external: true\n", "    file: app.conf.tmpl\n"),
    ["C017 compose.yml:40"],
  ],
  ["C017", "an empty version", sample("VERSION=v1", "VERSION="), ["C017 compose.yml:40"]],
  ["C017", "a length that is no number", sample("length=32", "length=long"), ["C017 .env.sample:5"]],
  ["C018", "a version nobody uses", sample("SMTP_HOST=", "SECRET_SMTP_VERSION=v1"), ["C018 .env.sample:4"]],
  ["C019", "a version that is not given", sample("SECRET_DB", "SECRET_DATABASE"), ["C019 compose.yml:41"]],
  ["C020", "a charset of its own", sample("charset=default,safespecial", "charset=hex"), ["C020 .env.sample:5"]],
  ["C021", "a long name", compose("_app_conf_$", "_app_conf_of_wiki_$"), ["C021 compose.yml:36"]],
  ["C022", "no label", compose(`        - "${VERSION_LABEL}"\n`, ""), ["C022 compose.yml:13"]],
  ["C022", "an empty label", compose("version=1.1.0+1.2.0", "version="), ["C022 compose.yml:16"]],
  ["C022", "an upstream version", compose("version=1.1.0+1.2.0", "version=1.2.0"), ["C022 compose.yml:16"]],
  [
    "C023",
    "a label of version 1",
    compose("traefik.enable=true", 'traefik.enable=true"\n        - "backupbot.backup.path=/x'),
    ["C023 compose.yml:15"],
  ],
  ["C023", "a volume that is not there", compose("volumes.data.path", "volumes.date.path"), ["C023 compose.yml:29"]],
  ["C023", "a path out of the volume", compose("path: dump.sql", "path: ../x"), ["C023 compose.yml:29"]],
  ["C024", "a database without a dump", compose(DUMP, ""), ["C024 compose.yml:27"]],
  [
    "C025",
    "claims about status and backups",
    compose("backupbot.backup=true", "backupbot.backup=false"),
    ["C025 README.md:6", "C025 README.md:9"],
  ],
];

const PASSING: Case[] = [
  ["C001", "anchors and merges", more("  cache: &c {image: redis:7}\n  other: {<<: *c}"), []],
  ["C002", "extension fields", overlay("services:", "x-note: {a: b}\nservices:"), []],
  [
    "C003",
    "a number from an option with a default",
    more('  cache: {ports: [{target: 80, published: "${CACHE_SIZE:-1}"}]}'),
    [],
  ],
  ["C004", "options, defaults and escapes", compose("SITE=${DOMAIN}", "SITE=${CACHE_SIZE}${NONE:-x}$$NONE"), []],
  ["C005", "compose.yml", {}, []],
  [
    "C006",
    "a file in a sub-folder",
    { ...sample('"compose.yml"', "compose.yml:x/compose.x.yml"), "x/compose.x.yml": 'version: "3.8"\n' },
    [],
  ],
  ["C007", "one version in all files", {}, []],
  [
    "C008",
    "a volume of type tmpfs",
    overlay("    command:", "    volumes: [{type: tmpfs, target: /run}]\n    command:"),
    [],
  ],
  ["C009", "a service of compose.yml", more("  db: {command: x}"), []],
  ["C010", "a variable in what only sounds like one", compose("SITE=", "timeout=${TIMEOUT:-5s}\n      - SITE="), []],
  ["C011", "a variable in a command", {}, []],
  ["C012", "two variables, one after the other", compose("SITE=${DOMAIN}", "SITE=${SITE:-}${DOMAIN}"), []],
  [
    "C013",
    "a secret and a config by their target files",
    template('{{ secret `db_password` }}{{ config "/etc/wiki.conf" }}'),
    [],
  ],
  ["C013", "text outside of braces", template('secret "x"'), []],
  ["C014", "variables of the service, of the app, and options", {}, []],
  ["C014", "a variable that the other service sets", withEnv(usedBy("db", '{{ env "SITE" }}')), []],
  ["C015", "a path that begins with a dot", compose("file: app.conf.tmpl", "file: ./app.conf.tmpl"), []],
  [
    "C016",
    "a changed file and a new version",
    {},
    [],
    { release: { "app.conf.tmpl": "old", "abra.sh": "export APP_CONF_VERSION=v0\n" } },
  ],
  ["C016", "a file as it was", {}, [], { release: { "README.md": "old" } }],
  ["C017", "a passphrase", sample("  # length=32 charset=default,safespecial", ""), []],
  ["C018", "a version that only an overlay uses", overlay("${CACHE_SIZE}", "$SECRET_SMTP_VERSION"), [], {}],
  [
    "C019",
    "another name that is given",
    { ...sample("SECRET_DB_PASSWORD_VERSION", "DB_PASSWORD"), ...compose("SECRET_DB_PASSWORD_VERSION", "DB_PASSWORD") },
    [],
  ],
  ["C019", "a version that is an option", sample("SECRET_DB", "#SECRET_DB"), []],
  ["C020", "no charset", sample(" charset=default,safespecial", ""), []],
  ["C021", "a name that just fits", compose("_app_conf_$", "_app_conf_for_wi_$"), []],
  ["C022", "a version with a suffix", compose("1.1.0+1.2.0", "1.1.0+v1.2.0-ls3"), []],
  ["C023", "labels of version 2", {}, []],
  ["C024", "a database that another service dumps", { "compose.yml": dumpedByApp() }, []],
  [
    "C024",
    "a database of an app without backups",
    { "compose.yml": WIKI["compose.yml"].replace(DUMP, "").replace("backup=true", "backup=false") },
    [],
  ],
  ["C025", "true metadata", {}, [], { release: {} }],
];

/** The app's template mounted in another service as well. */
function usedBy(service: string, text: string): Changes {
  return { ...more(`  ${service}: {configs: [app_conf]}`), ...template(text) };
}

function withEnv(changes: Changes): Changes {
  return { ...changes, ...compose("    image: postgres", "    environment: {SITE: x}\n    image: postgres") };
}

function dumpedByApp(): string {
  const hook = '        - "backupbot.backup.pre-hook=pg_dump -h db -f /dump.sql"\n        - "traefik.enable=true"\n';
  return WIKI["compose.yml"].replace(DUMP, "").replace('        - "traefik.enable=true"\n', hook);
}

test("a recipe with nothing wrong has no finding", async () => {
  const report = await lintWiki({}, { release: {} });
  expect(placesOf(report)).toEqual([]);
  expect(report.counts).toEqual({ errors: 0, warnings: 1, waived: 0 });
});

test.each(FAILING)("%s finds %s", async (rule, _what, changes, places, how) => {
  expect(placesOf(await lintWiki(changes, how), rule)).toEqual(places);
});

test.each(PASSING)("%s accepts %s", async (rule, _what, changes, places, how) => {
  expect(placesOf(await lintWiki(changes, how), rule)).toEqual(places);
});

test("every rule of our own has a case that fails and one that passes", () => {
  const own = RULES.map(({ id }) => id).filter((id) => id.startsWith("C"));
  for (const cases of [FAILING, PASSING]) expect([...new Set(cases.map(([rule]) => rule))].sort()).toEqual(own.sort());
});

test("ids are given once", () => {
  const ids = RULES.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test("files of different versions do not hide what else is wrong", async () => {
  const report = await lintWiki({ ...overlay("3.8", "3.7"), ...compose("postgres:16-alpine", "postgres:latest") });
  expect(placesOf(report, "C002")).toHaveLength(1);
  expect(placesOf(report, "R004")).toEqual(["R004 compose.yml:21"]);
});

test("a broken compose.yml is one error, not one for everything that cannot be seen any more", async () => {
  const report = await lintWiki({ "compose.yml": "services: [\n  a: {" });
  const errors = report.findings.filter(({ level }) => level === "error");
  expect(errors).toMatchObject([{ rule: "C001", file: "compose.yml", line: expect.any(Number) }]);
  expect(report.status.score).toBe(0);
});

test("a variable missing from a secret's name is one error", async () => {
  const report = await lintWiki(sample("SECRET_DB", "#SECRET_XX"));
  expect(report.findings.filter(({ level }) => level === "error").map(({ rule }) => rule)).toEqual(["C019"]);
});
