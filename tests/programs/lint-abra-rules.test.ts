import { expect, test } from "vitest";
import { RULES } from "../../lint/all-rules.ts";
import { type Changes, type LintedHow, lintRepository, lintWiki, placesOf, WIKI } from "../fixtures/lint.ts";
import { gitIn } from "../fixtures/recipe-folder.ts";

/** Rule, what the recipe is like, how it differs from a clean one, and where the rule finds something. */
type Case = [rule: string, what: string, changes: Changes, places: string[], how?: LintedHow];

const compose = (find: string, replace: string): Changes => ({ "compose.yml": [find, replace] });
const overlay = (find: string, replace: string): Changes => ({ "compose.cache.yml": [find, replace] });
const readme = (find: string, replace: string): Changes => ({ "README.md": [find, replace] });
const PLAIN = `version: "3.8"\nservices:\n  app:\n    image: wiki:1.2.0\n    healthcheck: {test: [CMD, "true"]}\n`;

const WEB = `  web:
    image: nginx:1.26.3
    healthcheck: {test: [CMD, "true"]}
    deploy: {labels: ["traefik.enable=true"]}
`;
const webInstead = WIKI["compose.yml"]
  .replace('        - "traefik.enable=true"\n', "")
  .replace("  app:\n", `${WEB}  app:\n`);
const noDomain: Changes = { ".env.sample": "TYPE=wiki\n", "compose.yml": PLAIN };

const FAILING: Case[] = [
  ["R001", "an older version", compose('"3.8"', '"3.7"'), ["R001 compose.yml:1"]],
  ["R001", "no version in an overlay", overlay('version: "3.8"\n', ""), ["R001 compose.cache.yml:1"]],
  [
    "R002",
    "no health check",
    compose('    healthcheck:\n      test: ["CMD", "pg_isready"]\n', ""),
    ["R002 compose.yml:20"],
  ],
  [
    "R002",
    "a health check switched off",
    overlay('test: ["CMD", "wiki", "status"]', "disable: true"),
    ["R002 compose.cache.yml:6"],
  ],
  [
    "R002",
    "a health check that passes whatever becomes of the service",
    overlay('test: ["CMD", "wiki", "status"]', "test: wiki status || true"),
    ["R002 compose.cache.yml:6"],
  ],
  [
    "R002",
    "a health check that only an overlay adds",
    addedBy("db: {healthcheck: {test: [CMD, x]}}"),
    ["R002 compose.yml:20"],
  ],
  [
    "R011",
    "an image that only an overlay brings",
    addedBy("db: {image: postgres:16}", "    image: postgres:16-alpine\n"),
    ["R011 compose.yml:20"],
  ],
  ["R003", "an image without a tag", overlay("redis:7.2", "registry.example:5000/redis"), ["R003 compose.cache.yml:4"]],
  ["R004", "tag latest", compose("postgres:16-alpine", "postgres:latest"), ["R004 compose.yml:21"]],
  ["R005", "a word as tag", compose("postgres:16-alpine", "postgres:stable"), ["R005 compose.yml:21"]],
  ["R005", "a commit as tag", compose("postgres:16-alpine", "postgres:1f3a9bc"), ["R005 compose.yml:21"]],
  ["R006", "no release", {}, ["R006"]],
  ["R007", "no README", { "README.md": null }, ["R007"]],
  ["R007", "no metadata block", { "README.md": "# Wiki\n" }, ["R007 README.md:1"]],
  ["R007", "an empty value", readme("* **Email**: 3", "* **Email**:"), ["R007 README.md:10"]],
  ["R007", "a missing key", readme("* **SSO**: No\n", ""), ["R007 README.md:3"]],
  ["R008", "no .env.sample", { ".env.sample": null }, ["R008"]],
  ["R009", "no service app", compose("  app:\n", "  web:\n"), ["R009 compose.yml:2"]],
  ["R010", "no Traefik label", compose('        - "traefik.enable=true"\n', ""), ["R010 compose.yml:13"]],
  [
    "R010",
    "a Traefik label that says no",
    compose("traefik.enable=true", "traefik.enable=false"),
    ["R010 compose.yml:13"],
  ],
  ["R011", "no image", compose("    image: postgres:16-alpine\n", ""), ["R011 compose.yml:20"]],
  ["R012", "configs without abra.sh", { "abra.sh": null }, ["R012 compose.yml:7"]],
  ["R015", "a long name", renamed("db_password_x"), ["R015 compose.yml:41"]],
];

const PASSING: Case[] = [
  ["R001", "a number as version", compose('"3.8"', "3.8"), []],
  [
    "R002",
    "a health check in an overlay that is enabled",
    enabledToo(addedBy("db: {healthcheck: {test: [CMD, x]}}")),
    [],
  ],
  [
    "R002",
    "a job, a task that is not started again and one that swarm-cronjob starts",
    { "compose.yml": withJobs() },
    [],
  ],
  ["R003", "a port of the registry and a tag", overlay("redis:7.2", "registry.example:5000/redis:7"), []],
  ["R003", "a tag and a digest", overlay("redis:7.2", `redis:7.2@sha256:${"0".repeat(64)}`), []],
  ["R004", "a tag that only begins so", compose("postgres:16-alpine", "postgres:latest-16"), []],
  ["R005", "v, words and dots", compose("postgres:16-alpine", "postgres:v16.1.0-alpine3.20"), []],
  ["R005", "a date", compose("postgres:16-alpine", "postgres:20240131"), []],
  ["R006", "a release", {}, [], { release: {} }],
  ["R007", "hyphens for list marks", readme("* **Email**: 3", "- **Email**: N/A"), []],
  ["R008", "a sample without DOMAIN", { ".env.sample": [`DOMAIN=wiki.example.com\n`, ""] }, []],
  ["R009", "app in another place", compose("  app:\n", '  "app":\n'), []],
  ["R009", "an app that is refused for another reason", addedBy("app: {volumes: ['nowhere:/x']}"), []],
  ["R010", "the label on another service", { "compose.yml": webInstead }, []],
  ["R010", "no DOMAIN, no label", noDomain, []],
  [
    "R011",
    "an image in an overlay that is enabled",
    enabledToo(addedBy("db: {image: postgres:16}", "    image: postgres:16-alpine\n")),
    [],
  ],
  ["R012", "no configs, no abra.sh", { "compose.yml": PLAIN, "abra.sh": null }, []],
  ["R015", "twelve characters", renamed("db_password1"), []],
];

/** A clean recipe whose secret has another name. */
function renamed(name: string): Changes {
  return { "compose.yml": WIKI["compose.yml"].replaceAll(/(?<!_)db_password(?=\n|:)/g, name) };
}

/** An overlay with one more service entry, and `without` taken out of compose.yml. */
function addedBy(service: string, without = `    healthcheck:\n      test: ["CMD", "pg_isready"]\n`): Changes {
  return { ...compose(without, ""), "compose.more.yml": `version: "3.8"\nservices:\n  ${service}\n` };
}

/** The same with the additional overlay in the sample's COMPOSE_FILE. */
function enabledToo(changes: Changes): Changes {
  return { ...changes, ".env.sample": ['"compose.yml"', "compose.yml:compose.more.yml"] };
}

/** Services beside the app that end by themselves. */
function withJobs(): string {
  const jobs = ["mode: replicated-job", "restart_policy: {condition: none}", "labels: [swarm.cronjob.enable=true]"];
  const services = jobs.map((deploy, index) => `  job${index}: {image: "wiki:1.2.0", deploy: {${deploy}}}\n`);
  return WIKI["compose.yml"].replace("  app:\n", `${services.join("")}  app:\n`);
}

test.each(FAILING)("%s finds %s", async (rule, _what, changes, places, how) => {
  expect(placesOf(await lintWiki(changes, how), rule)).toEqual(places);
});

test.each(PASSING)("%s accepts %s", async (rule, _what, changes, places, how) => {
  expect(placesOf(await lintWiki(changes, how), rule)).toEqual(places);
});

test("R013 and R014 accept a repository with a remote and annotated tags", async () => {
  const report = await lintRepository(async (folder) => {
    await gitIn(folder, "remote", "add", "origin", "https://git.example/wiki.git");
    await gitIn(folder, "tag", "-a", "-m", "r", "1.0.0+1.2.0");
  });
  expect(placesOf(report).concat(placesOf(report, "R013"))).toEqual([]);
});

test("R013 finds a repository without a remote, R014 every lightweight tag, whatever it is called", async () => {
  const report = await lintRepository(async (folder) => {
    await gitIn(folder, "tag", "-a", "-m", "r", "1.0.0+1.2.0");
    await gitIn(folder, "tag", "1.1.0+1.2.0");
    await gitIn(folder, "tag", "before-the-move");
  });
  expect(placesOf(report, "R013")).toEqual(["R013"]);
  expect(report.findings.filter(({ rule }) => rule === "R014")).toMatchObject([
    {
      level: "error",
      message: "2 tags are lightweight",
      places: [{ message: "tag 1.1.0+1.2.0 is lightweight" }, { message: "tag before-the-move is lightweight" }],
    },
  ]);
});

test("every rule of abra has a case that fails and one that passes", () => {
  const own = RULES.map(({ id }) => id).filter((id) => id.startsWith("R") && !["R013", "R014"].includes(id));
  for (const cases of [FAILING, PASSING]) expect([...new Set(cases.map(([rule]) => rule))].sort()).toEqual(own.sort());
});
