import { mkdir, rm, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stackFile } from "../../engine/stack-file.ts";
import { projectPath } from "../../lib/project.ts";
import { smallRecipe } from "../live/small-recipe.ts";
import { testSwarmWithImages } from "../live/swarm-fixture.ts";
import { TypedPulumi } from "../live/typed-pulumi.ts";

async function up(pulumi: TypedPulumi, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await pulumi.up(...args);
  expect(code, stdout + stderr).toBe(0);
  return stdout + stderr;
}

async function end(pulumi: TypedPulumi): Promise<void> {
  await pulumi.destroy();
  await pulumi.type("stack", "rm", pulumi.stack, "--yes", "--force");
  await rm(stackFile(pulumi.stack), { force: true });
}

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
    await end(pulumi);
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
    expect(await up(pulumi)).toContain("install.custom-own passed: first");
    await define("second");
    const again = await up(pulumi);
    expect(again).toContain("install.custom-own passed: second");
    expect(again).not.toContain("install.converged passed");
    await up(pulumi, "--expect-no-changes");
  });
});
