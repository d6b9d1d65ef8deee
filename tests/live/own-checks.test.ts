import { afterAll, beforeAll, expect, test } from "vitest";
import type { CheckContext } from "../../checks/check.ts";
import { CheckFailure } from "../../checks/check-failure.ts";
import { execInService } from "../../checks/exec.ts";
import type { Journey } from "../../checks/journey.ts";
import type { RecipeDefinition } from "../../recipes/define-recipe.ts";
import { locateVersions } from "../../stacks/versions.ts";
import { quietRun } from "./quiet-run.ts";
import { smallRecipe } from "./small-recipe.ts";
import { testSwarmWithImages } from "./swarm-fixture.ts";

let recipe: Awaited<ReturnType<typeof smallRecipe>>;
let dockerHost: string;

beforeAll(async () => {
  dockerHost = (await testSwarmWithImages()).host;
  recipe = await smallRecipe();
});

afterAll(() => recipe[Symbol.asyncDispose]());

/** A note that a person leaves in a file of the app. */
function note(path: string): Journey {
  const text = ({ nonce }: CheckContext) => `a note of ${nonce}`;
  return {
    name: "note",
    title: "A note is found again",
    async prepare(context) {
      await execInService(context, "app", ["sh", "-c", `echo "${text(context)}" > ${path}`]);
    },
    async verify(context) {
      const { stdout } = await execInService(context, "app", ["sh", "-c", `cat ${path} || true`]);
      if (stdout.trim() !== text(context)) throw new CheckFailure(`the note reads "${stdout.trim()}"`);
      return { summary: "found" };
    },
  };
}

async function runWith(name: string, own: Pick<RecipeDefinition, "custom" | "journeys">) {
  const definition: RecipeDefinition = { name: "small", source: recipe.folder, stableFor: "1 s", ...own };
  const located = await locateVersions(definition);
  const result = await quietRun({ run: `own-${name}-${process.pid}`, definition, located, dockerHost });
  const checks = result.phases.flatMap((phase) => phase.checks);
  return { ...result, named: (pattern: RegExp) => checks.filter((one) => pattern.test(one.name)) };
}

test("a check is asked after each phase it names, of what that phase left; a journey is found in every one", async () => {
  const asked: string[] = [];
  const ask = (name: string) => async (context: CheckContext) => {
    asked.push(`${name} ${context.app.version}`);
    return { summary: "" };
  };
  const { verdict, reason, named } = await runWith("all", {
    custom: [
      { name: "often", title: "It is asked often", after: ["install", "upgrade", "restore"], run: ask("often") },
      { name: "first", title: "It is asked in the end", run: ask("first") },
      { name: "second", title: "It is asked after it", run: ask("second") },
    ],
    journeys: [note("/data/note")],
  });
  expect(verdict, reason).toBe("pass");
  const [old, head] = ["1.0.0+1.35.0", "1.1.0+1.37.0"];
  expect(asked).toEqual([`often ${old}`, ...["often", "often", "first", "second"].map((name) => `${name} ${head}`)]);
  // The second app comes back beside the first.
  expect(
    named(/journey/)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(["install.journey-note", "move.journey-note", "restore.journey-note", "upgrade.journey-note"]);
});

test("a journey whose trace the upgrade loses fails there, and is the recipe's", async () => {
  const { verdict, named } = await runWith("lost", { journeys: [note("/tmp/note")] });
  expect(verdict).toBe("fail");
  expect(named(/journey/)).toEqual([
    expect.objectContaining({ name: "install.journey-note", status: "passed" }),
    expect.objectContaining({ name: "upgrade.journey-note", status: "failed", owner: "recipe" }),
  ]);
});
