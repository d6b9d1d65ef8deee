import { mkdir, rm, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { projectPath } from "../../lib/project.ts";
import { smallRecipe } from "../live/small-recipe.ts";
import { testSwarmWithImages } from "../live/swarm-fixture.ts";
import { TypedPulumi } from "../live/typed-pulumi.ts";

// It writes into the checkout, which others look at.
describe("a recipe's definition that is edited", () => {
  const name = `edited-${process.pid}`;
  const folder = projectPath(`recipes/${name}`);
  let recipe: Awaited<ReturnType<typeof smallRecipe>>;
  let pulumi: TypedPulumi;

  beforeAll(async () => {
    await testSwarmWithImages();
    recipe = await smallRecipe();
    await mkdir(folder);
    await define("first");
    pulumi = await TypedPulumi.init(`pr-${name}`, { recipe: name, source: recipe.folder });
  });

  afterAll(async () => {
    await pulumi.end();
    await rm(folder, { recursive: true });
    await recipe[Symbol.asyncDispose]();
  });

  function define(says: string): Promise<void> {
    const check = `{ name: "own", title: "own", after: ["install"], run: async () => ({ summary: "${says}" }) }`;
    return writeFile(
      `${folder}/ci.ts`,
      `import { defineRecipe } from "recipe-ci";\nexport default defineRecipe({ name: "${name}", custom: [${check}] });\n`,
    );
  }

  test("has its own checks asked again by the next up, and no others", async () => {
    expect(await pulumi.upWell()).toContain("install.custom-own passed: first");
    await define("second");
    const again = await pulumi.upWell();
    expect(again).toContain("install.custom-own passed: second");
    expect(again).not.toContain("install.converged passed");
    await pulumi.upWell("--expect-no-changes", "--diff");
  });
});
