// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables are those of compose files
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { RULES } from "../../lint/all-rules.ts";
import { type Changes, type LintedHow, lintRepository, lintWiki, placesOf, WIKI } from "../fixtures/lint.ts";
import { commitAll, gitIn, writeFiles } from "../fixtures/recipe-folder.ts";

/** Rule, what the recipe is like, how it differs from a clean one, and where the rule finds something. */
type Case = [rule: string, what: string, changes: Changes, places: string[], how?: LintedHow];

const compose = (find: string, replace: string): Changes => ({ "compose.yml": [find, replace] });
const overlay = (find: string, replace: string): Changes => ({ "compose.cache.yml": [find, replace] });
const sample = (find: string, replace: string): Changes => ({ ".env.sample": [find, replace] });
const template = (text: string): Changes => ({ "app.conf.tmpl": text });
const more = (services: string): Changes => ({ "compose.more.yml": `version: "3.8"\nservices:\n${services}\n` });

const VERSION_LABEL = "coop-cloud.${STACK_NAME}.version=1.1.0+1.2.0";
const DUMP = '        backupbot.backup.pre-hook: "pg_dump -f /var/lib/postgresql/data/dump.sql"\n';

const IN_FOLDER = `version: "3.8"
services:
  search:
    image: search
    deploy: {labels: ["backupbot.backup.path=/x"]}
`;

const FAILING: Case[] = [
  ["C001", "broken YAML", overlay("    image:", "   image: x\n    image:"), ["C001 compose.cache.yml:4"]],
  ["C001", "an alias of nothing", overlay("image: redis:7.2", "image: *redis"), ["C001 compose.cache.yml:4"]],
  ["C001", "a line of the sample that assigns nothing", sample("SMTP_HOST=", "SMTP_HOST"), ["C001 .env.sample:4"]],
  ["C002", "an unknown key", overlay("    command:", "    comand:"), ["C002 compose.cache.yml:5"]],
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
    "an option that needs the value of another paragraph",
    { ...overlay("${CACHE_SIZE}", "${CACHE_SIZE:?}"), ...sample("#CACHE_SIZE", "\n#CACHE_SIZE") },
    ["C003 compose.cache.yml:5"],
  ],
  ["C004", "a variable from nowhere", overlay("${CACHE_SIZE}", "${CASH_SIZE}"), ["C004 compose.cache.yml:5"]],
  ["C005", "no compose.yml", { "compose.yml": null }, ["C005"]],
  [
    "C005",
    "another tool's name",
    { "compose.yml": null, "docker-compose.yml": WIKI["compose.yml"] },
    ["C005 docker-compose.yml:1"],
  ],
  ["C005", "the longer ending", { "compose.yml": null, "compose.yaml": WIKI["compose.yml"] }, ["C005 compose.yaml:1"]],
  ["C006", "a missing file", sample('"compose.yml"', '"compose.yml:compose.nope.yml"'), ["C006 .env.sample:3"]],
  ["C006", "a missing file of an option", { "compose.cache.yml": null }, ["C006 .env.sample:7"]],
  ["C007", "another version in an overlay", overlay("3.8", "3.7"), ["C007 compose.cache.yml:1"]],
  ["C007", "no version beside 3.8", overlay('version: "3.8"\n', ""), ["C007 compose.cache.yml:1"]],
  ["C008", "the key tmpfs", overlay("    command:", "    tmpfs: [/run]\n    command:"), ["C008 compose.cache.yml:5"]],
  ["C009", "a service of another overlay", more("  cache: {command: x}"), ["C009 compose.more.yml:3"]],
  [
    "C009",
    "an option that works only with another one",
    {
      ...more("  cache: {command: x}"),
      ...sample("#CACHE_SIZE=64", '#CACHE_SIZE=64\n#COMPOSE_FILE="$COMPOSE_FILE:compose.more.yml"'),
    },
    ["C009 .env.sample:9"],
  ],
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
    "C010",
    "a variable in a health check by an alias",
    shared("  timeout: ${T:-5s}", "    healthcheck: *x"),
    ["C010 compose.more.yml:3"],
  ],
  [
    "C010",
    "a variable in a health check merged in, by the second of two",
    shared("  retries: 3\n  interval: ${T:-5s}", "    healthcheck: {<<: [{retries: 2}, *x], timeout: 5s}"),
    ["C010 compose.more.yml:4"],
  ],
  [
    "C010",
    "a variable in what a whole service is merged from",
    shared("  deploy:\n    update_config: {monitor: $T}", "    <<: *x"),
    ["C010 compose.more.yml:4"],
  ],
  [
    "C011",
    "a variable in ports by an alias, in either form",
    {
      "compose.more.yml":
        'version: "3.8"\nx-x: &x\n  - "80:80"\n  - "${P:-1}:81"\n  - target: 82\n    published: "$P"\nservices:\n  cache: {image: redis:7, ports: *x}\n',
    },
    ["C011 compose.more.yml:4", "C011 compose.more.yml:6"],
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
  [
    "C013",
    "a secret in a branch",
    template('{{ if env "SMTP_HOST" }}\n{{ secret "x" }}{{ end }}'),
    ["C013 app.conf.tmpl:2"],
  ],
  ["C013", "an unknown function", template("\n{{ lower `x` }}"), ["C013 app.conf.tmpl:2"]],
  ["C013", "a block without an end", template("{{ if true }}"), ["C013 app.conf.tmpl:1"]],
  ["C013", "a field that Swarm does not give", template("{{ .Env.SITE }}"), ["C013 app.conf.tmpl:1"]],
  [
    "C013",
    "an engine that Swarm does not have",
    compose("template_driver: golang", "template_driver: go"),
    ["C013 compose.yml:39"],
  ],
  ["C014", "a variable nobody sets", template('a\nb {{ if eq (env "SIET") "x" }}y{{ end }}'), ["C014 app.conf.tmpl:2"]],
  ["C014", "a variable of the app in another service", usedBy("db", '{{ env "DOMAIN" }}'), ["C014 app.conf.tmpl:1"]],
  ["C015", "a file that is not there", compose("file: app.conf.tmpl", "file: app.conf"), ["C015 compose.yml:38"]],
  [
    "C015",
    "a file longer than Swarm takes",
    { "app.conf.tmpl": "x".repeat((1000 << 10) + 1) },
    ["C015 compose.yml:38"],
  ],
  ["C015", "an empty file", template(""), ["C015 compose.yml:38"]],
  ["C016", "a changed file under the same name", {}, ["C016 compose.yml:37"], { release: { "app.conf.tmpl": "old" } }],
  [
    "C016",
    "a changed template driver under the same name",
    compose("    template_driver: golang\n", ""),
    ["C016 compose.yml:37"],
    { release: { "compose.yml": WIKI["compose.yml"] } },
  ],
  [
    "C017",
    "a secret that is not external",
    compose("    external: true\n", "    file: app.conf.tmpl\n"),
    ["C017 compose.yml:41"],
  ],
  [
    "C017",
    "a name without a version",
    compose("_db_password_${SECRET_DB_PASSWORD_VERSION}", "_db"),
    ["C017 compose.yml:41"],
  ],
  ["C017", "a name of all apps", compose("${STACK_NAME}_db_password_$", "shared_$"), ["C017 compose.yml:41"]],
  ["C017", "a name with a space", compose("_db_password_$", "_db password_$"), ["C017 compose.yml:41"]],
  ["C017", "an empty version", sample("VERSION=v1", "VERSION="), ["C017 compose.yml:41"]],
  ["C017", "a length that is no number", sample("length=32", "length=long"), ["C017 .env.sample:5"]],
  ["C018", "a version nobody uses", sample("SMTP_HOST=", "SECRET_SMTP_VERSION=v1"), ["C018 .env.sample:4"]],
  ["C019", "a version that is not given", sample("SECRET_DB", "SECRET_DATABASE"), ["C019 compose.yml:42"]],
  ["C020", "a charset of its own", sample("charset=default,safespecial", "charset=hex"), ["C020 .env.sample:5"]],
  ["C020", "a misspelt word", sample("length=32", "lenght=32"), ["C020 .env.sample:5"]],
  ["C020", "a word without its =", sample("length=32", "length 32"), ["C020 .env.sample:5"]],
  ["C020", "a word with a colon", sample("charset=default,safespecial", "charset: default"), ["C020 .env.sample:5"]],
  ["C020", "a word in capital letters", sample("length=32", "LENGTH=32"), ["C020 .env.sample:5"]],
  [
    "C020",
    "a word of an option",
    sample("SECRET_DB_PASSWORD_VERSION=v1  # length", "#SECRET_DB_PASSWORD_VERSION=v1  # size"),
    ["C020 .env.sample:5"],
  ],
  ["C020", "a length of nothing", sample("length=32", "length=0"), ["C020 .env.sample:5"]],
  ["C021", "a long name", compose("_app_conf_$", "_app_conf_of_wiki_$"), ["C021 compose.yml:37"]],
  ["C021", "a service of 18 letters", more("  eighteen-letters-x: {image: x:1}"), ["C021 compose.more.yml:3"]],
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
  ["C027", "a service with a dot", more("  a.b: {image: x:1}"), ["C027 compose.more.yml:3"]],
  ["C027", "a config with a space", compose("_app_conf_$", "_app conf_$"), ["C027 compose.yml:36"]],
  ["C027", "a config without its version", { "abra.sh": "" }, ["C027 compose.yml:36"]],
];

const PASSING: Case[] = [
  ["C001", "anchors and merges", more("  cache: &c {image: redis:7}\n  other: {<<: *c}"), []],
  ["C002", "extension fields", overlay("services:", "x-note: {a: b}\nservices:"), []],
  ["C003", "an option that needs a value of its own paragraph", overlay("${CACHE_SIZE}", "${CACHE_SIZE:?}"), []],
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
    "C007",
    "3.13, 3, an empty one and none: docker/cli reads them all as 3.13",
    {
      ...compose('"3.8"', '"3.13"'),
      ...overlay('version: "3.8"\n', ""),
      ...{ "compose.more.yml": 'version: "3"\n', "compose.other.yml": 'version: ""\n' },
    },
    [],
  ],
  [
    "C008",
    "a volume of type tmpfs",
    overlay("    command:", "    volumes: [{type: tmpfs, target: /run}]\n    command:"),
    [],
  ],
  ["C009", "a service of compose.yml", more("  db: {command: x}"), []],
  [
    "C009",
    "a service of another overlay, in a line that names both",
    {
      ...more("  cache: {command: x}"),
      ...sample("#CACHE_SIZE=64", '#CACHE_SIZE=64\n#COMPOSE_FILE="compose.yml:compose.cache.yml:compose.more.yml"'),
    },
    [],
  ],
  [
    "C010",
    "a variable that the service's own value takes the place of, or that nothing uses",
    shared("  timeout: ${T:-5s}", "    healthcheck: {<<: *x, timeout: 5s}"),
    [],
  ],
  ["C010", "a variable in what only sounds like one", compose("SITE=", "timeout=${TIMEOUT:-5s}\n      - SITE="), []],
  ["C011", "a variable in a command", {}, []],
  ["C012", "two variables, one after the other", compose("SITE=${DOMAIN}", "SITE=${SITE:-}${DOMAIN}"), []],
  [
    "C013",
    "a secret and a config by their target files",
    template('{{ secret `db_password` }}{{ config "/etc/wiki.conf" }}'),
    [],
  ],
  ["C013", "names in a comment", template('{{/* secret "x" {{ */}}{{ "secret `x`" }}'), []],
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
  ["C017", "a secret of an overlay that is left out with its version", leftOut("secrets", "external: true"), []],
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
  [
    "C020",
    "a remark",
    sample("length=32 charset=default,safespecial", "length=32, a length of 32; see size=big docs=x"),
    [],
  ],
  ["C021", "a name that just fits", compose("_app_conf_$", "_app_conf_for_wi_$"), []],
  ["C021", "a service of 17 letters", more("  seventeen-letters: {image: x:1}"), []],
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
  ["C027", "a config of an overlay that is left out with its version", leftOut("configs", "file: app.conf.tmpl"), []],
  ["C027", "names with all that a Swarm takes", compose("_app_conf_$", "_app.conf-A1_$"), []],
];

/** Something of an overlay, with a version that is an option. */
function leftOut(kind: "secrets" | "configs", how: string): Changes {
  const use = `version: "3.8"\nservices: {cache: {image: "redis:7.2", ${kind}: [more]}}\n`;
  return {
    "compose.more.yml": `${use}${kind}: {more: {name: "\${STACK_NAME}_more_\${MORE_VERSION}", ${how}}}\n`,
    ...sample("#CACHE_SIZE", "#MORE_VERSION=v1\n#CACHE_SIZE"),
  };
}

/** An overlay whose service `cache` uses what is written under `x`. */
function shared(anchored: string, used: string): Changes {
  return {
    "compose.more.yml": `version: "3.8"\nx-x: &x\n${anchored}\nservices:\n  cache:\n    image: redis:7\n${used}\n`,
  };
}

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

test("every rule of our own up to C027 has a case that fails and one that passes", () => {
  const own = RULES.map(({ id }) => id).filter((id) => id.startsWith("C") && id < "C028");
  for (const cases of [FAILING, PASSING]) expect([...new Set(cases.map(([rule]) => rule))].sort()).toEqual(own.sort());
});

test("ids are given once", () => {
  const ids = RULES.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test("an overlay in another folder is judged where COMPOSE_FILE enables or offers it", async () => {
  const found = ["R002 more/compose.x.yml:3", "R003 more/compose.x.yml:4", "C023 more/compose.x.yml:5"];
  const foundIn = async (changes: Changes) =>
    placesOf(await lintWiki({ ...changes, "more/compose.x.yml": IN_FOLDER })).filter((place) =>
      place.includes("more/"),
    );
  expect(await foundIn(sample('"compose.yml"', "compose.yml:more/compose.x.yml"))).toEqual(found);
  expect(await foundIn(sample("compose.cache.yml", "more/compose.x.yml"))).toEqual(found);
  expect(await foundIn({})).toEqual([]);
});

test("C016 compares bytes, and follows a link within the recipe", async () => {
  const changed = async (binary: number, linked: string) => {
    const report = await lintRepository(async (folder) => {
      const configs =
        "\n  icon:\n    name: ${STACK_NAME}_icon_v1\n    file: icon.bin\n  link:\n    name: ${STACK_NAME}_link_v1\n    file: link.conf\n";
      await writeFiles(
        { "compose.yml": WIKI["compose.yml"].replace("\nconfigs:\n", () => `\nconfigs:${configs}`) },
        folder,
      );
      await writeFiles({ "d/real.conf": "one\n" }, folder);
      await symlink("d/real.conf", join(folder, "link.conf"));
      // Both are the same text once what is no UTF-8 has been replaced.
      await writeFile(join(folder, "icon.bin"), Buffer.from([0x61, 0xff]));
      await commitAll(folder, "release");
      await gitIn(folder, "tag", "-a", "-m", "r", "1.0.0+1.2.0");
      await writeFile(join(folder, "icon.bin"), Buffer.from([0x61, binary]));
      await writeFiles({ "d/real.conf": linked, "README.md": "more" }, folder);
      await commitAll(folder, "head");
    });
    return report.findings.filter(({ rule }) => rule === "C016" || rule === "C015").map(({ message }) => message);
  };
  expect(await changed(0xff, "one\n")).toEqual([]);
  expect(await changed(0xfe, "two\n")).toEqual([
    "icon.bin changed since 1.0.0+1.2.0, but config icon has the same name",
    "link.conf changed since 1.0.0+1.2.0, but config link has the same name",
  ]);
});

test("what is wrong with a compose file as a whole is told at that file, and at none where there is none", async () => {
  const long = `# ${"x".repeat(1 << 20)}\n`;
  expect(placesOf(await lintWiki({ "compose.more.yml": long }), "C001")).toEqual(["C001 compose.more.yml:1"]);
  const only = await lintWiki({ "compose.yml": null, "compose.cache.yml": null, ".env.sample": null });
  expect(placesOf(only, "C005")).toEqual(["C005"]);
  expect(only.findings.filter(({ file }) => file === "compose.yml")).toEqual([]);
  expect([only.repositoryFile, (await lintWiki()).repositoryFile]).toEqual(["README.md", "compose.yml"]);
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
