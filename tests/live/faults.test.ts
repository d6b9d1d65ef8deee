import { readFile, writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { projectPath } from "../../lib/project.ts";
import type { RunResult } from "../../lifecycle/result.ts";
import { locateVersions } from "../../stacks/versions.ts";
import { removeByRun } from "../../swarm/remove-by-run.ts";
import { quietListener } from "../fixtures/quiet-listener.ts";
import { gitFolder } from "../fixtures/recipe-folder.ts";
import { definition, MORE_ROWS, ROWS, type Row } from "./faults.ts";
import { FaultyNode } from "./faulty-node.ts";
import { quietRun } from "./quiet-run.ts";
import { smallRecipe } from "./small-recipe.ts";

const TABLE = projectPath("docs/faults.md");
let node: FaultyNode;
let recipe: Awaited<ReturnType<typeof smallRecipe>>;
let count = 0;

beforeAll(async () => {
  recipe = await smallRecipe();
  node = await FaultyNode.up();
});

afterEach(() => node.mend());

afterAll(async () => {
  await node[Symbol.asyncDispose]();
  await recipe[Symbol.asyncDispose]();
});

/** A whole run of the small recipe, in which the fault of a row strikes at its moment. */
async function struck(row: Row): Promise<RunResult> {
  const run = `faults-${process.pid}-${++count}`;
  let striking: Promise<void> | undefined;
  const strike = async () => {
    striking ??= row.fault.strike(node, run);
    await striking;
  };
  const folder = row.image ? await appOf(row.image) : recipe.folder;
  if (row.moment === "before") await strike();
  const asked = definition(
    folder,
    row.program,
    async () => {
      if (row.early) await strike();
    },
    async () => {
      // A phase is told of a moment after it began: its last check waits for what is to strike in it.
      if (row.moment === "exec" || row.moment === "custom") await strike();
    },
  );
  const located = await locateVersions(asked);
  const result = await quietRun({
    run,
    definition: asked,
    // An upgrade takes the longest of all phases.
    located: { ...located, baseCommit: row.moment === "upgrade" ? located.baseCommit : undefined },
    dockerHost: node.swarm.host,
    nodeKind: "existing",
    listener: {
      ...quietListener,
      phaseStarted: (phase) => {
        if (phase === row.moment) void strike();
      },
    },
  });
  await striking;
  await node.mend();
  await removeByRun(node.swarm, run);
  return result;
}

/** A recipe with nothing but one image. */
function appOf(image: string): Promise<string> {
  return gitFolder({
    "compose.yml": `version: "3.8"\nservices:\n  app:\n    image: ${image}\n`,
    ".env.sample": "TYPE=small\nDOMAIN=small.example.com\n",
  });
}

const rows = process.env.RECIPE_CI_PROOF ? [...ROWS, ...MORE_ROWS] : ROWS;

const told: string[][] = [];

/** Every row's sentence as it was, for people: names and places of this one run taken out. */
afterAll(async () => {
  if (!process.env.RECIPE_CI_PROOF || told.length < rows.length) return;
  const lines = told.sort().map((cells) => `| ${cells.join(" | ")} |`);
  const head = "| what goes wrong | when | verdict | the run says |\n|---|---|---|---|";
  const text = await readFile(TABLE, "utf8");
  await writeFile(TABLE, `${text.slice(0, text.indexOf("| what goes wrong"))}${head}\n${lines.join("\n")}\n`);
});

function anonymous(reason: string): string {
  const place = reason.replaceAll(node.swarm.host, "unix:///…");
  return place.replace(/smal-[0-9a-f]{6}/g, "smal-…").replaceAll("|", "\\|");
}

describe("what goes wrong with the node is not charged to the recipe", () => {
  test.each(rows.map((row) => [row.fault.what, row.moment, row] as const))("%s: %s", async (_, __, row) => {
    const { verdict, reason, phases } = await struck(row);
    told.push([row.fault.what, row.moment, verdict, anonymous(reason)]);
    const owners = phases.flatMap(({ checks }) => checks.flatMap((one) => (one.status === "failed" ? one.owner : [])));
    if (row.mayPass && verdict === "pass") return expect(owners).toEqual([]);
    const expected = { verdict: row.verdict, reason: expect.stringMatching(row.says), owners: new Set(["infra"]) };
    expect({ verdict, reason, owners: new Set(owners) }).toEqual(expected);
  });
});
