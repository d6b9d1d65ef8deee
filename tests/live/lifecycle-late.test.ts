import { beforeAll, expect, test } from "vitest";
import { gitFolder } from "../fixtures/recipe-folder.ts";
import { briefRecipe } from "./brief-recipe.ts";
import { recipeCi, resultOf } from "./cli.ts";
import { testSwarmWithImages } from "./swarm-fixture.ts";

const PROOF = process.env.RECIPE_CI_PROOF;

const recipe = (does: string, limit?: string) => briefRecipe("late", does, limit);

beforeAll(async () => {
  await testSwarmWithImages();
});

test.concurrent.each(PROOF ? [4, 12] : [12])(
  "an app that dies %i s after it was seen to run fails the phase in which it dies",
  async (seconds) => {
    const outcome = await recipeCi(
      "run",
      "late",
      "--source",
      await gitFolder(recipe(`echo up; sleep ${seconds}; echo out of memory; exit 137`)),
      "--json",
    );
    const { verdict, reason, phases, ledger } = resultOf(outcome);
    expect({ verdict, code: outcome.code, left: ledger.left }).toEqual({ verdict: "fail", code: 1, left: [] });
    expect(reason).toContain("install.steady");
    const steady = phases[1]?.checks.find(({ name }) => name === "install.steady");
    expect(steady).toMatchObject({ error: expect.stringContaining("137"), owner: "recipe" });
    expect(steady).toMatchObject({ error: expect.stringContaining("out of memory") });
  },
);

/** Every run that passes says so as well. */
test.runIf(PROOF).concurrent("one that lives passes", async () => {
  const outcome = await recipeCi("run", "late", "--source", await gitFolder(recipe("sleep 600")), "--json");
  const { verdict, reason } = resultOf(outcome);
  expect(verdict, reason).toBe("pass");
});

test.concurrent("one that goes on without a process that had no memory left does not", async () => {
  const files = recipe("while sleep 1; do tail /dev/zero; done", "16M");
  const { verdict, reason } = resultOf(await recipeCi("run", "late", "--source", await gitFolder(files), "--json"));
  expect(verdict, reason).toBe("fail");
  expect(reason).toMatch(/_app goes on, and the kernel has ended .* of it for want of memory: its limit is 16/);
});
