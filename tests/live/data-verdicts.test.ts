import { beforeAll, describe, expect, test } from "vitest";
import type { RunResult } from "../../lifecycle/result.ts";
import { commitAll, gitFolder, gitIn, writeFiles } from "../fixtures/recipe-folder.ts";
import { definedRun, recipeCi, resultOf } from "./cli.ts";
import { DATA_RECIPES, DATABASE_RECIPES, type JudgedRecipe } from "./data-recipes.ts";
import { KEPT_IN_DATABASES, KEPT_RECIPES } from "./kept-recipes.ts";
import { NODE_RECIPES } from "./node-recipes.ts";
import { ORDER_RECIPES } from "./order-recipes.ts";
import { PLACE_RECIPES } from "./place-recipes.ts";
import { SECRET_RECIPES } from "./secret-recipes.ts";
import { testSwarmWithImages } from "./swarm-fixture.ts";
import { UPGRADE_RECIPES } from "./upgrade-recipes.ts";

/** One that fails as it is upgraded, and a good one; one that fails as it is restored: restore-twins. All: `npm run proof`. */
const SAMPLE = [
  "head mounts a new volume over files of base",
  "a web server whose name for what is behind it stays right, when that alone is updated",
];
const PROOF = Boolean(process.env.RECIPE_CI_PROOF);
const placed = { ...PLACE_RECIPES, ...SECRET_RECIPES, ...NODE_RECIPES, ...ORDER_RECIPES };
const quick = { ...DATA_RECIPES, ...UPGRADE_RECIPES, ...KEPT_RECIPES, ...placed };
const slow = { ...DATABASE_RECIPES, ...KEPT_IN_DATABASES };
const judged = Object.entries({ ...quick, ...(PROOF ? slow : {}) }).filter(([name]) => PROOF || SAMPLE.includes(name));

beforeAll(async () => {
  await testSwarmWithImages();
});

async function folderOf({ base, head }: JudgedRecipe): Promise<string> {
  if (!base) return gitFolder(head);
  const folder = await gitFolder(base);
  await gitIn(folder, "tag", "-a", "1.0.0+1.35.0", "-m", "first");
  await writeFiles(head, folder);
  await commitAll(folder, "second");
  return folder;
}

async function resultFor(recipe: JudgedRecipe): Promise<RunResult> {
  const folder = await folderOf(recipe);
  if (!recipe.definition) return resultOf(await recipeCi("run", "data", "--source", folder, "--json"));
  const { host: dockerHost } = await testSwarmWithImages();
  return definedRun({ folder, dockerHost, definition: { name: "data", ...recipe.definition } });
}

describe.concurrent("without a ci.ts, a recipe is judged by what becomes of its data and services", () => {
  test.each(judged)("%s", async (_, recipe) => {
    const result = await resultFor(recipe);
    const failed = result.phases.flatMap(({ checks }) => checks).filter(({ status }) => status === "failed");
    const { check, says, owner = "recipe" } = recipe.fails ?? {};
    const verdict = owner === "infra" ? "infra" : "fail";
    expect(result.verdict, result.reason).toBe(check ? verdict : "pass");
    if (!check) expect(failed).toEqual([]);
    // A restore is asked for twice, in the first app and in a new one.
    const named = {
      name: expect.stringContaining(check ?? ""),
      owner,
      error: expect.stringMatching(says ?? ""),
    };
    for (const one of failed) expect(one).toMatchObject(named);
    expect(result.ledger.left).toEqual([]);
  });
});
