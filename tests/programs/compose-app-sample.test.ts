import { expect, test } from "vitest";
import { loadApp } from "../../compose/load.ts";
import { describe as say } from "../../lib/errors.ts";
import { dockerCli } from "../../machine/docker-cli.ts";
import { COMMIT, DOMAIN, loadFiles } from "../fixtures/app.ts";
import { writeFiles } from "../fixtures/recipe-folder.ts";

const COMPOSE = 'version: "3.8"\nservices: {app: {image: "wiki:1.0"}}\n';

/** As it is, without the TYPE that other tests get. */
async function load(files: Record<string, string>, env: Record<string, string> = {}) {
  const checkout = await writeFiles({ "compose.yml": COMPOSE, ...files });
  return loadApp({ checkout, recipe: "wiki", commit: COMMIT, domain: DOMAIN, env, dockerCli: await dockerCli() });
}
const told = (...args: Parameters<typeof load>) => load(...args).then(() => "no error", say);

test.each<[string[], string]>([
  [[], "\n  remedy: add it, with TYPE and DOMAIN as its first lines"],
  [["env.sample"], "; there is env.sample\n  remedy: rename env.sample to .env.sample"],
  [[".env.example"], "; there is .env.example\n  remedy: rename .env.example to .env.sample"],
  [[".env"], "; there is .env\n  remedy: rename .env to .env.sample"],
  [["conf/.env.sample"], "; there is conf/.env.sample\n  remedy: rename conf/.env.sample to .env.sample"],
  [["mail.env", "env.yml", "environment"], "\n  remedy: add it, with TYPE and DOMAIN as its first lines"],
])("a recipe without .env.sample, and with %j, is told so first, and once", async (files, rest) => {
  const texts = Object.fromEntries(files.map((file) => [file, "A=1\n"]));
  const text = await told({ ...texts, "compose.yml": `${COMPOSE}volumes: [\n` });
  expect(text).toContain(`.env.sample: is missing, and abra makes no app without it${rest}`);
  expect(text.indexOf(".env.sample: is missing")).toBe(0);
  expect(text.split("is missing")).toHaveLength(2);
});

test.each<[string, Record<string, string>, string]>([
  ["DOMAIN=wiki.example.com\n", {}, ".env.sample: has no TYPE, by which abra knows the recipe of an app"],
  ["A=1\nTYPE=\n", {}, ".env.sample:2: TYPE is empty"],
  ["#TYPE=wiki\n", {}, ".env.sample: has no TYPE"],
  ["A=1\n", { "abra.sh": "export TYPE=wiki\n" }, ".env.sample: has no TYPE"],
])("sample %j is of no recipe to abra", async (sample, files, message) => {
  const text = await told({ ".env.sample": sample, ...files });
  expect(text).toContain(message);
  expect(text).toContain("remedy: write TYPE=wiki");
});

test.each<[string, Record<string, string>]>([
  ["TYPE=wiki\n", {}],
  ["TYPE=wiki:1.0.0+1\n", {}],
  ["RECIPE=wiki\n", {}],
  ["A=1\n", { TYPE: "wiki" }],
])("sample %j with %j says which recipe an app is of", async (sample, env) => {
  expect((await load({ ".env.sample": sample }, env)).warnings).toEqual([]);
});

test("a sample that names another recipe is warned of", async () => {
  const { warnings } = await loadFiles({ ".env.sample": "TYPE=blog:1.0.0+1\n", "compose.yml": COMPOSE });
  expect(warnings).toEqual([".env.sample:1 TYPE: operators get an app of recipe blog, not of wiki"]);
});
