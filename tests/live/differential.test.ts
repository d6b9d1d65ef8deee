import { fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureImages } from "../../images/ensure.ts";
import { projectPath } from "../../lib/project.ts";
import { ALLOWANCES } from "../allowances.ts";
import { corpus } from "../corpus.ts";
import type { Outcome } from "../differential/deploy-twice.ts";
import { describeDifference, judge } from "../differential/differences.ts";
import type { LaneAnswer } from "../differential/lane.ts";
import { testSwarm } from "./swarm-fixture.ts";

/** Recipes deployed at the same time. */
const LANES = 3;
const IMAGES = ["nginx:1.26.3", "busybox:1.37.0", "alpine:3.22"];

const wanted = new RegExp(process.env.RECIPE_CI_TEST_RECIPES ?? "");
const recipes = (await corpus()).filter((name) => wanted.test(name));
const swarm = await testSwarm();
const answers = new Map<string, LaneAnswer>();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "recipe-ci-test-"));
  await ensureImages({ swarm, images: IMAGES.map((image) => ({ image, usedBy: {} })) });
  const queue = [...recipes];
  await Promise.all(Array.from({ length: LANES }, () => lane(queue)));
}, 900_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(recipes)("%s", (recipe) => {
  test("is deployed as docker stack deploy deploys it", () => {
    const { unexplained } = judge(outcome(recipe).found, ALLOWANCES);
    expect(unexplained.map(describeDifference)).toEqual([]);
  });

  test("is left alone by a second update", () => {
    expect(Object.keys(outcome(recipe).repeated)).toEqual(["same"]);
  });
});

test.skipIf(process.env.RECIPE_CI_TEST_RECIPES)("every allowance is needed", () => {
  const { used } = judge(
    [...answers.values()].flatMap((answer) => answer.outcome?.found ?? []),
    ALLOWANCES,
  );
  const needless = ALLOWANCES.filter((one) => !one.sometimes && !used.has(one));
  expect(needless.map(({ path }) => String(path))).toEqual([]);
});

function outcome(recipe: string): Outcome {
  const answer = answers.get(recipe);
  if (!answer?.outcome) throw new Error(answer?.error ?? "its lane ended before it came to it");
  return answer.outcome;
}

/** Gives recipes to a process of its own, one at a time, until none is left. */
function lane(queue: string[]): Promise<void> {
  const child = fork(projectPath("tests/differential/lane.ts"), [swarm.host, folder]);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", () => resolve());
    child.on("message", (answer: LaneAnswer) => {
      if (answer.recipe) answers.set(answer.recipe, answer);
      const next = queue.shift();
      if (next === undefined) child.disconnect();
      else child.send(next);
    });
  });
}
