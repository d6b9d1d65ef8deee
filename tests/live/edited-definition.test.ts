import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exec } from "../../lib/exec.ts";
import { copyCheckout } from "./checkout.ts";
import { smallRecipe } from "./small-recipe.ts";
import { testSwarmWithImages } from "./swarm-fixture.ts";
import { TypedPulumi } from "./typed-pulumi.ts";

// It writes into the checkout, so it has one of its own.
describe("a recipe's definition that is edited", () => {
  const name = `edited-${process.pid}`;
  let checkout: string;
  let recipe: Awaited<ReturnType<typeof smallRecipe>>;
  let pulumi: TypedPulumi;

  beforeAll(async () => {
    await testSwarmWithImages();
    recipe = await smallRecipe();
    checkout = await mkdtemp(join(tmpdir(), "recipe-ci-edited-"));
    await copyCheckout(checkout);
    await mkdir(join(checkout, "recipes", name));
    await define("first");
    pulumi = await TypedPulumi.init(`pr-${name}`, { recipe: name, source: recipe.folder }, checkout);
  });

  afterAll(async () => {
    await pulumi?.end();
    await rm(checkout, { recursive: true, force: true });
    await recipe?.[Symbol.asyncDispose]();
  });

  function define(says: string): Promise<void> {
    const check = `{ name: "own", title: "own", after: ["install"], run: async () => ({ summary: "${says}" }) }`;
    const needed = `dependencies: [{ recipe: "needed", source: "${recipe.folder}" }]`;
    return writeFile(
      join(checkout, "recipes", name, "ci.ts"),
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
  });

  test("says what it needs in its plan", async () => {
    const argv = [process.execPath, "cli/main.ts", "plan", name, "--source", recipe.folder, "--json"] as const;
    const plan = JSON.parse(await exec([...argv], { cwd: checkout }));
    expect(plan.deployments).toMatchObject([
      { role: "dependency", recipe: "needed", version: "1.0.0+1.35.0" },
      { role: "subject", recipe: name, version: "1.1.0+1.37.0" },
    ]);
  });
});
