import { mkdir, rm, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { projectPath } from "../../lib/project.ts";
import { recipeCi } from "../live/cli.ts";
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
    const needed = `dependencies: [{ recipe: "needed", source: "${recipe.folder}" }]`;
    return writeFile(
      `${folder}/ci.ts`,
      `import { defineRecipe } from "recipe-ci";\nexport default defineRecipe({ name: "${name}", ${needed}, custom: [${check}] });\n`,
    );
  }

  test("has its own checks asked again by the next up, and no others, nor those of what it needs", async () => {
    const first = await pulumi.upWell();
    expect(first).toContain("install.custom-own passed: first");
    expect(first).toContain("install.needed.converged passed");
    await define("second");
    const again = await pulumi.upWell();
    expect(again).toContain("install.custom-own passed: second");
    expect(again).not.toMatch(/install\.(needed\.)?converged passed/);
    await pulumi.upWell("--expect-no-changes", "--diff");
  });

  test("says what it needs in its plan", async () => {
    const { stdout } = await recipeCi("plan", name, "--source", recipe.folder, "--json");
    expect(JSON.parse(stdout).deployments).toMatchObject([
      { role: "dependency", recipe: "needed", version: "1.0.0+1.35.0" },
      { role: "subject", recipe: name, version: "1.1.0+1.37.0" },
    ]);
  });
});
