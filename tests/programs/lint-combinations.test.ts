// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables are those of compose files
import { expect, test } from "vitest";
import { JOINT_LIMIT, OFFER_LIMIT, offersOf } from "../../lint/offers.ts";
import { readStates } from "../../lint/recipe-state.ts";
import { dockerCli } from "../../machine/docker-cli.ts";
import { repoFromFolder } from "../../source/folder-repo.ts";
import { type Changes, lintWiki, placesOf, WIKI, wikiWith } from "../fixtures/lint.ts";
import { scratchFolder, writeFiles } from "../fixtures/recipe-folder.ts";

const HEALTHY = 'healthcheck: {test: ["CMD", "wiki", "status"]}';
const file = (services: string) => `version: "3.8"\nservices:\n${services}\n`;

/** The wiki with a choice of databases, neither of which can be merged with the other. */
function withChoice(lines: string, changes: Changes = {}): Changes {
  const base = WIKI["compose.yml"].replace(/ {2}db:\n.*?(?=volumes:\n {2}data)/s, "");
  return {
    "compose.yml": base,
    "compose.mariadb.yml": file(
      `  db: {image: "mariadb:11.4", command: x, user: "1", ${HEALTHY}, logging: {driver: local}}`,
    ),
    "compose.postgres.yml": file(
      `  db: {image: "postgres:16.4", ${HEALTHY}, logging: {driver: journald, options: {a: b}}}`,
    ),
    ".env.sample": WIKI[".env.sample"] + lines,
    ...changes,
  };
}

const errorsOf = async (changes: Changes) =>
  (await lintWiki(changes)).findings
    .filter(({ level }) => level === "error")
    .map(({ rule, message }) => `${rule} ${message}`);

const LISTS = '\n#COMPOSE_FILE="compose.yml:compose.mariadb.yml"\n\n#COMPOSE_FILE="compose.yml:compose.postgres.yml"\n';
const ADDED =
  '\n#COMPOSE_FILE="$COMPOSE_FILE:compose.mariadb.yml"\n#COMPOSE_FILE="${COMPOSE_FILE}:compose.postgres.yml"\n';

test.each([
  ["lists", LISTS],
  ["additions", ADDED],
])("alternatives written as %s are never merged with each other", async (_how, lines) => {
  expect(await errorsOf(withChoice(lines))).toEqual([]);
  const broken = { "compose.mariadb.yml": file(`  db: {image: "mariadb:11.4", ${HEALTHY}, networks: [nowhere]}`) };
  expect(await errorsOf(withChoice(lines, broken))).toEqual([expect.stringContaining("nowhere")]);
});

test.each([
  ["lists", LISTS],
  ["additions", ADDED],
])("what one of the alternatives written as %s lacks, the other does not hide", async (_how, lines) => {
  const bare = withChoice(lines, { "compose.mariadb.yml": file("  db: {image: mariadb}") });
  const found = placesOf(await lintWiki(bare)).filter((place) => place.includes("mariadb"));
  expect(found).toEqual(["R002 compose.mariadb.yml:3", "R003 compose.mariadb.yml:3"]);
});

test("an overlay that is not enabled brings nothing to those who don't enable it", async () => {
  const untagged = WIKI["compose.yml"].replace("postgres:16-alpine", "postgres");
  const overlay = file('  db: {image: "postgres:16-alpine"}');
  const changes = { "compose.yml": untagged, "compose.pin.yml": overlay };
  expect(placesOf(await lintWiki(changes), "R003")).toEqual(["R003 compose.yml:21"]);
});

test("a list in place of the one that is enabled is what an operator keeps of the two", () => {
  const sample =
    '#COMPOSE_FILE="compose.yml:a.yml"\n#A=1\n\nCOMPOSE_FILE="compose.yml"\n#COMPOSE_FILE="$COMPOSE_FILE:b.yml"\n';
  expect(offersOf(sample, ["c.yml"])).toEqual([
    { env: sample, lines: [] },
    {
      env: 'COMPOSE_FILE="compose.yml:a.yml"\nA=1\n\n#COMPOSE_FILE="compose.yml"\n#COMPOSE_FILE="$COMPOSE_FILE:b.yml"\n',
      lines: [1],
    },
    {
      env: '#COMPOSE_FILE="compose.yml:a.yml"\n#A=1\n\nCOMPOSE_FILE="compose.yml"\nCOMPOSE_FILE="$COMPOSE_FILE:b.yml"\n',
      lines: [5],
    },
    { env: sample, lines: [], unnamed: "c.yml" },
  ]);
});

test("the variables of an option's paragraph go with it, those of another don't", () => {
  const sample = "#A=1\n# words\n#COMPOSE_FILE=x.yml\n#B=1\n#COMPOSE_FILE=y.yml\n#C=1\n\n#D=1\n";
  const [, x, y] = offersOf(sample, []).map(({ env }) =>
    env.split("\n").filter((line) => line && !line.startsWith("#")),
  );
  expect([x, y]).toEqual([
    ["A=1", "COMPOSE_FILE=x.yml", "B=1"],
    ["COMPOSE_FILE=y.yml", "C=1"],
  ]);
});

test("more options than are judged are told, and cost no more", async () => {
  const lines = Array.from({ length: OFFER_LIMIT + 3 }, () => '#COMPOSE_FILE="$COMPOSE_FILE:compose.cache.yml"\n\n');
  const report = await lintWiki({ ".env.sample": WIKI[".env.sample"] + lines.join("") });
  expect(report.findings.filter(({ rule }) => rule === "C009")).toMatchObject([
    { level: "warning", message: `of the options ${OFFER_LIMIT} were judged, and 4 not` },
  ]);
}, 60_000);

/** The wiki with overlays `compose.<name>.yml` of one service each, or of the text given, each in its own paragraph. */
function withOverlays(overlays: Record<string, string | undefined>, lines?: string): Changes {
  const names = Object.keys(overlays);
  const own = names.map((name) => `\n#COMPOSE_FILE="$COMPOSE_FILE:compose.${name}.yml"\n`).join("");
  const base = WIKI[".env.sample"].split("\n#COMPOSE_FILE", 1).join("");
  const files = names.map((name) => [
    `compose.${name}.yml`,
    file(overlays[name] ?? `  ${name}: {image: "${name}:1.0.0", ${HEALTHY}}`),
  ]);
  return { "compose.cache.yml": null, ".env.sample": base + (lines ?? own), ...Object.fromEntries(files) };
}

/** Which overlays are on in each combination that is judged, in their order. */
async function judged(changes: Changes): Promise<string[]> {
  const repo = await repoFromFolder({ folder: await writeFiles(wikiWith(changes)), cacheDir: await scratchFolder() });
  const commit = await repo.resolve();
  const states = await readStates({ repo, commit, recipe: "wiki", dockerCli: await dockerCli(), joint: true });
  return states.map(({ enabled }) => enabled.map((path) => /\.(\w+)\.yml$/.exec(path)?.[1] ?? "").join(""));
}

test("options of paragraphs of their own are judged alone, all at once, and by twos", async () => {
  const all = { a: undefined, b: undefined, c: undefined };
  expect(await judged(withOverlays(all))).toEqual(["", "a", "b", "c", "abc", "ab", "ac", "bc"]);
});

test("of lines of one paragraph an operator takes one, beside each of the others", async () => {
  const line = (name: string) => `#COMPOSE_FILE="$COMPOSE_FILE:compose.${name}.yml"\n`;
  const lines = `\n# One of:\n${line("a")}${line("b")}\n${line("c")}\n${line("d")}`;
  const all = { a: undefined, b: undefined, c: undefined, d: undefined };
  const found = await judged(withOverlays(all, lines));
  expect(found.slice(5)).toEqual(["acd", "bcd", "ac", "ad", "bc", "bd", "cd"]);
});

test("so of overlays that make a service of different images, and of two lists", async () => {
  const db = (image: string) => `  db: {image: "${image}", ${HEALTHY}}`;
  const images = withOverlays({ a: db("mariadb:11.4"), b: db("postgres:16.4"), c: undefined });
  expect((await judged(images)).slice(4)).toEqual(["ac", "bc"]);
  const list = (name: string) => `\n#COMPOSE_FILE="compose.yml:compose.${name}.yml"\n`;
  const lists = `${list("a")}${list("b")}\n#COMPOSE_FILE="$COMPOSE_FILE:compose.c.yml"\n`;
  const three = { a: undefined, b: undefined, c: undefined };
  expect((await judged(withOverlays(three, lists))).slice(4)).toEqual(["ac", "bc"]);
});

test("what only two options together show is found", async () => {
  const changes = withOverlays({
    a: "  app: {deploy: {update_config: {order: start-first}}}",
    b: "  app: {ports: [{target: 80, published: 8080, mode: host}]}",
  });
  expect(placesOf(await lintWiki(changes), "C037")).toHaveLength(1);
});

test("options that can't be loaded at once are told with the lines of both, once, as a warning", async () => {
  const port = (name: string) => `  ${name}: {image: "${name}:1.0.0", ${HEALTHY}, ports: ["8080:80"]}`;
  const report = await lintWiki(withOverlays({ a: port("a"), b: port("b"), c: undefined }));
  expect(report.counts.errors).toBe(0);
  expect(report.findings.filter(({ rule }) => rule === "C009")).toMatchObject([
    {
      level: "warning",
      file: ".env.sample",
      line: 9,
      message: expect.stringMatching(/^this option does not work with that of line 7: .*8080/),
      remedy: expect.stringMatching(/one paragraph/),
    },
  ]);
});

test("combinations beyond those that are judged are told", async () => {
  const names = [..."abcdefghij"];
  const report = await lintWiki(withOverlays(Object.fromEntries(names.map((name) => [name, undefined]))));
  const left = 1 + (10 * 9) / 2 - JOINT_LIMIT;
  expect(report.findings.filter(({ rule }) => rule === "C009")).toMatchObject([
    { level: "warning", message: `of the combinations of options ${JOINT_LIMIT} were judged, and ${left} not` },
  ]);
}, 60_000);

test("one bad line of the sample is one error, and hides nothing in the others", async () => {
  const bad: Changes = {
    ".env.sample": `${WIKI[".env.sample"].replace("SMTP_HOST=", "SMTP HOST")}SECRET_SPARE_VERSION=v1\n`,
  };
  expect(await errorsOf(bad)).toEqual(["C001 no assignment: expected KEY=value"]);
  expect(placesOf(await lintWiki(bad), "C018")).toEqual(["C018 .env.sample:9"]);
});

test("without a sample all else is judged as well", async () => {
  const report = await lintWiki({ ".env.sample": null, "compose.yml": ["  app:\n", "  web:\n"] });
  expect(report.findings.map(({ rule }) => rule)).toEqual(expect.arrayContaining(["R008", "R009", "C019"]));
});

test("one bad line of abra.sh is one error", async () => {
  const bad: Changes = { "abra.sh": "export X=a=b\nexport APP_CONF_VERSION=v1\n" };
  expect(await errorsOf(bad)).toEqual([expect.stringMatching(/^C001 abra cuts/)]);
});

test.each([
  ["network", "networks: [nowhere]"],
  ["secret", "secrets: [nowhere]"],
  ["config", "configs: [nowhere]"],
  ["volume", "volumes: ['nowhere:/x']"],
])("a %s that is not declared is one error", async (_kind, text) => {
  const worker = `  worker: {image: "wiki:1.2.0", ${HEALTHY}, ${text}}`;
  expect(await errorsOf({ "compose.yml": ["  db:\n", `${worker}\n  db:\n`] })).toEqual([
    expect.stringContaining("nowhere"),
  ]);
  expect(await errorsOf({ "compose.cache.yml": ["    image:", `    ${text}\n    image:`] })).toEqual([
    expect.stringContaining("nowhere"),
  ]);
});

test.each<[what: string, rule: string, changes: Changes]>([
  ["no service app", "R009", { "compose.yml": ["  app:\n", "  web:\n"] }],
  ["no image", "R011", { "compose.yml": ["    image: postgres:16-alpine\n", ""] }],
  ["a config's file that is not there", "C015", { "compose.yml": ["file: app.conf.tmpl", "file: app.conf"] }],
  ["a template that is broken", "C013", { "app.conf.tmpl": "{{ if true }}" }],
  [
    "a number that abra can't read",
    "C011",
    { "compose.cache.yml": ["    image:", '    ports: ["${P:-1}:80"]\n    image:'] },
  ],
  ["a duration that abra can't read", "C010", { "compose.yml": ["interval: 5s", "interval: ${I:-5s}"] }],
  ["a secret that is not external", "C017", { "compose.yml": ["    external: true\n", "    file: app.conf.tmpl\n"] }],
  ["a name that no Swarm takes", "C027", { "compose.yml": ["_app_conf_$", "_app conf_$"] }],
  ["a forbidden key", "C002", { "compose.cache.yml": ["    image:", "    mem_limit: 1g\n    image:"] }],
  ["a required variable without a value", "C002", { "compose.yml": ["SITE=${DOMAIN}", "SITE=${SMTP_HOST:?}"] }],
])("what loading refuses is one error: %s", async (_what, rule, changes) => {
  expect(await errorsOf(changes)).toEqual([expect.stringMatching(new RegExp(`^${rule} `))]);
});

test.each<[what: string, changes: Changes]>([
  ["lies open in the recipe", { "compose.yml": ["    external: true\n", "    file: app.conf.tmpl\n"] }],
  ["has a name of all apps", { "compose.yml": ["${STACK_NAME}_db_password_$", "shared_$"] }],
  ["has no version", { "compose.yml": ["_db_password_${SECRET_DB_PASSWORD_VERSION}", "_db"] }],
  ["has an unknown charset", { ".env.sample": ["charset=default,safespecial", "charset=hex"] }],
  ["has a length of none", { ".env.sample": ["length=32", "length=0"] }],
])("a secret that %s is one finding, in every combination", async (_what, changes) => {
  const { findings } = await lintWiki(changes);
  const about = findings.filter(({ rule, message }) => rule !== "C018" && /secret|SECRET|charset|length/.test(message));
  expect(about.map(({ rule, places }) => [rule, places?.length ?? 1])).toEqual([
    [expect.stringMatching(/^C0(17|20)$/), 1],
  ]);
});

test("a variable that the definition sets has its value, as in render", async () => {
  const needed: Changes = { "compose.yml": ["SITE=${DOMAIN}", "SITE=${SMTP_HOST:?}"] };
  expect((await lintWiki(needed, { env: { SMTP_HOST: "mail.example.com" } })).counts.errors).toBe(0);
});
