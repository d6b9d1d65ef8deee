import { beforeAll, describe, expect, test } from "vitest";
import type { RunResult } from "../../lifecycle/result.ts";
import type { RecipeDefinition } from "../../recipes/define-recipe.ts";
import type { Swarm } from "../../swarm/client.ts";
import { gitFolder } from "../fixtures/recipe-folder.ts";
import { definedRun, recipeCi, resultOf } from "./cli.ts";
import { BROKEN_DATABASES, databaseFiles, FIRST_DUMP_EMPTY, SQLITE } from "./database-recipe.ts";
import { testSwarm } from "./swarm-fixture.ts";

const DATABASE: RecipeDefinition = {
  name: "database",
  stableFor: "1 s",
  health: { exec: { argv: ["test", "!", "-e", "/maintenance"], within: "5 s" } },
};

let swarm: Swarm;

beforeAll(async () => {
  swarm = await testSwarm();
});

async function runOf(files: Record<string, string>): Promise<RunResult> {
  return definedRun({ folder: await gitFolder(files), dockerHost: swarm.host, definition: DATABASE, seed: "row" });
}

const failures = ({ phases }: RunResult) =>
  phases.flatMap(({ checks }) => checks).filter((check) => check.status === "failed");

// The example of README with a database is the same in `npm test`.
test.skipIf(!process.env.RECIPE_CI_PROOF)(
  "a database that is dumped and read back survives the loss of its server",
  async () => {
    const result = await runOf(databaseFiles());
    expect(failures(result)).toEqual([]);
    expect(result.verdict, result.reason).toBe("pass");
    const checks = result.phases.flatMap((phase) => phase.checks);
    const restored = checks.find(({ name }) => name === "restore.restored");
    expect(restored).toMatchObject({ summary: expect.stringContaining("while the app ran") });
  },
);

test.skipIf(!process.env.RECIPE_CI_PROOF)(
  "without a seed of its own, what is dumped is said to be unproven, neither back nor lost",
  async () => {
    const outcome = await recipeCi("run", "database", "--source", await gitFolder(databaseFiles()), "--json");
    const result = resultOf(outcome);
    expect(failures(result)).toEqual([]);
    expect(result.reason).toContain("not proven: restore.seed-file, restore.writes-file");
    const left = result.phases.flatMap((phase) => phase.checks).filter(({ status }) => status === "skipped");
    expect(left[0]).toMatchObject({ reason: expect.stringContaining("the backup holds backup.sql.gz alone") });
  },
);

test.skipIf(!process.env.RECIPE_CI_PROOF)(
  "a backup that holds the rows on repetition only is made again, and told",
  async () => {
    const result = await runOf(databaseFiles([FIRST_DUMP_EMPTY]));
    expect(failures(result)).toEqual([]);
    expect(result.verdict, result.reason).toBe("flaky");
    expect(result.reason).toMatch(/^backup\.holds-dumps held on repetition only: "backup\.sql\.gz".*empty/);
    const dumps = result.phases.flatMap(({ checks }) => checks).find(({ name }) => name === "backup.holds-dumps");
    expect(dumps).toMatchObject({ repeated: [expect.stringContaining("is in the snapshot and empty")] });
  },
);

test.skipIf(!process.env.RECIPE_CI_PROOF)("a row in sqlite is written, found in its dump, lost and back", async () => {
  const result = await definedRun({
    folder: await gitFolder(SQLITE),
    dockerHost: swarm.host,
    definition: { ...DATABASE, name: "sqlite" },
    seed: "sqlite",
  });
  expect(failures(result)).toEqual([]);
  expect(result.verdict, result.reason).toBe("pass");
  const summaries = result.phases.flatMap(({ checks }) =>
    checks.flatMap((check) => (check.status === "passed" ? [`${check.name}: ${check.summary}`] : [])),
  );
  expect(summaries).toContainEqual(expect.stringMatching(/^backup\.holds-row: .*backup\.db holds seed-row-/));
  expect(summaries).toContainEqual(expect.stringMatching(/^restore\.gone-row: /));
  expect(summaries).toContainEqual(expect.stringMatching(/^move\.writes-row: /));
});

/** The others take as long or longer: `npm run proof`. */
const SAMPLE = ["dump without pipefail"];
const broken = Object.entries(BROKEN_DATABASES).filter(
  ([name]) => process.env.RECIPE_CI_PROOF || SAMPLE.includes(name),
);

describe.concurrent("a database recipe fails the one check, with what an operator can act on", () => {
  test.each(broken)("%s", async (_, { check, says, edits }) => {
    const result = await runOf(databaseFiles(edits));
    // The new app fails as the first one does, and whichever is first may keep the other from being asked.
    const names = failures(result).map(({ name }) => name.replace("move.", "restore."));
    expect([...new Set(names)]).toEqual([check]);
    for (const { error } of failures(result)) expect(error).toMatch(says);
    expect(result.verdict, result.reason).toBe("fail");
    expect(result.ledger.left).toEqual([]);
  });
});
