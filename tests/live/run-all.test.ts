import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../../lib/exec.ts";
import { home } from "../../lib/home.ts";
import type { Overview } from "../../report/overview.ts";
import { gitFolder } from "../fixtures/recipe-folder.ts";
import { briefRecipe } from "./brief-recipe.ts";
import { copyCheckout } from "./checkout.ts";
import { testSwarmWithImages } from "./swarm-fixture.ts";

let checkout: string;

beforeAll(async () => {
  await testSwarmWithImages();
  checkout = await mkdtemp(join(tmpdir(), "recipe-ci-all-"));
  await copyCheckout(checkout);
  for (const entry of await readdir(join(checkout, "recipes"), { withFileTypes: true }))
    if (entry.isDirectory()) await rm(join(checkout, "recipes", entry.name), { recursive: true });
});

afterAll(() => rm(checkout, { recursive: true, force: true }));

/** A recipe that this checkout brings. */
async function brings(name: string, does: string): Promise<void> {
  const source = await gitFolder(briefRecipe(name, does));
  const folder = join(checkout, "recipes", name);
  await mkdir(folder);
  const definition = { name, source: { folder: source }, stableFor: "1 s" };
  await writeFile(join(folder, "ci.ts"), `export default ${JSON.stringify(definition)};\n`);
}

test("every recipe that has a ci.ts runs, some at a time, with one overview, one JUnit file and one exit code", async () => {
  await brings("lives", "sleep 600");
  await brings("ends", "echo gone; exit 3");
  const argv = [process.execPath, "cli/main.ts", "run", "--all", "--jobs", "2", "--json"] as const;
  const { code, stdout, stderr } = await run([...argv], { cwd: checkout });
  expect(code, stderr).toBe(1);
  const overview = JSON.parse(stdout) as Overview;
  const verdicts = overview.runs.map((one) => [one.recipe, "result" in one ? one.result.verdict : one.trouble]);
  expect(verdicts).toEqual([
    ["ends", "fail"],
    ["lives", "pass"],
  ]);
  for (const one of overview.runs) expect(one).toMatchObject({ result: { ledger: { left: [], lost: [] } } });

  const page = join(home("overview"), "index.html");
  const links = [...(await readFile(page, "utf8")).matchAll(/href="(\.\.[^"]+)"/g)].map(([, link = ""]) => link);
  expect(links).toHaveLength(2);
  for (const link of links) expect(existsSync(resolve(dirname(page), link)), link).toBe(true);
  const junit = await readFile(join(home("overview"), "junit.xml"), "utf8");
  expect(junit).toContain('<testsuite name="lives.install"');
  expect(junit).toMatch(/<testcase classname="ends\.install"[\s\S]*?<failure /);
});
