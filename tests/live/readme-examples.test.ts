import { expect, test } from "vitest";
import { projectPath } from "../../lib/project.ts";
import type { RunResult } from "../../lifecycle/result.ts";
import { findRecipe } from "../../recipes/find.ts";
import { repoFromFolder } from "../../source/folder-repo.ts";
import { locateNewest } from "../../stacks/versions.ts";
import { readmeExample } from "../fixtures/readme-example.ts";
import { scratchFolder } from "../fixtures/recipe-folder.ts";
import { quietRun } from "./quiet-run.ts";
import { testSwarm } from "./swarm-fixture.ts";
import { wikiRecipe } from "./wiki-recipe.ts";

// The browser's own is run by browser.

const PROOF = { timeout: 3_600_000, skip: !process.env.RECIPE_CI_PROOF };

/** What passed said, by the names of the checks; of others nothing. */
function said({ phases }: RunResult): Record<string, string | undefined> {
  const all = phases.flatMap(({ checks }) => checks);
  return Object.fromEntries(all.flatMap((one) => (one.status === "passed" ? [[one.name, one.summary]] : [])));
}

test("the example with a database passes, with its row in the dump, lost and back", PROOF, async () => {
  const definition = { ...(await readmeExample("wiki")), source: await wikiRecipe() };
  const result = await quietRun({
    run: `wiki-${process.pid}`,
    definition,
    dockerHost: (await testSwarm()).host,
  });
  expect(result, result.reason).toMatchObject({ verdict: "pass", ledger: { left: [], lost: [] } });
  expect(said(result)).toMatchObject({
    "install.custom-page": expect.stringMatching(/^written for /),
    "backup.holds-row": expect.stringMatching(/backup\.sql\.gz holds seed-row-/),
    "restore.gone-row": expect.anything(),
    "restore.custom-page": expect.stringMatching(/^written for /),
  });
});

/** Miniflux is compiled, and Keycloak takes its time. */
test("the example with single sign-on passes: who logs in at Keycloak has one account ever after", PROOF, async () => {
  const folder = { folder: projectPath("tests/recipes/miniflux") };
  const { gitDir } = await repoFromFolder({ ...folder, cacheDir: await scratchFolder() });
  const definition = { ...(await readmeExample("miniflux")), source: gitDir };
  const keycloak = await findRecipe("keycloak");
  const result = await quietRun({
    run: `sign-on-${process.pid}`,
    definition,
    dependencies: [{ definition: keycloak, located: await locateNewest(keycloak) }],
    dockerHost: (await testSwarm()).host,
  });
  expect(result, result.reason).toMatchObject({ verdict: "pass", ledger: { left: [], lost: [] } });
  const journeys = ["install", "restore", "move"].map((phase) => said(result)[`${phase}.journey-sign-on`]);
  expect(new Set(journeys).size).toBe(1);
  expect(journeys[0]).toMatch(/\w/);
});
