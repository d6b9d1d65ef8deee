import { fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureImages } from "../../images/ensure.ts";
import { projectPath } from "../../lib/project.ts";
import { ALLOWANCES } from "../allowances.ts";
import { corpus, corpusOptions, upgradeOptions, upgrades } from "../corpus.ts";
import type { Deployment, Outcome } from "../differential/deployment.ts";
import { describeDifference, judge } from "../differential/differences.ts";
import type { LaneAnswer } from "../differential/lane.ts";
import { testSwarm } from "./swarm-fixture.ts";

/** Deployments made at the same time. */
const LANES = 3;
const IMAGES = ["nginx:1.26.3", "busybox:1.37.0", "alpine:3.22"];

/** Upgrades that Swarm refuses, and what it says. */
const REFUSED: Record<string, string> = {
  "config-content": "only updates to Labels are allowed",
  mode: "service mode change is not allowed",
  "mode-back": "service mode change is not allowed",
  "port-taken": "is already in use by service",
};

const { RECIPE_CI_TEST_RECIPES, RECIPE_CI_PROOF } = process.env;
const wanted = new RegExp(RECIPE_CI_TEST_RECIPES ?? "");
const installed = some(await corpus()).filter((name) => wanted.test(name));
const upgraded = some(await upgrades()).filter((name) => wanted.test(`upgrade-${name}`));
const swarm = await testSwarm();
const answers = new Map<string, LaneAnswer>();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "recipe-ci-test-"));
  await ensureImages({ swarm, images: IMAGES.map((image) => ({ image, usedBy: {} })) });
  const queue = await Promise.all([...installed.map(installation), ...upgraded.map(upgrade)]);
  await Promise.all(Array.from({ length: LANES }, () => lane(queue)));
}, 1_500_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(installed)("%s", (recipe) => {
  test("is deployed as docker stack deploy deploys it", () => {
    expect(unexplained(runOf(recipe))).toEqual([]);
  });

  test("is left alone by a second update", () => {
    expect(Object.keys(outcome(runOf(recipe)).repeated ?? {})).toEqual(["same"]);
  });
});

describe.each(upgraded.filter((name) => !(name in REFUSED)))("upgrade of %s", (name) => {
  const run = runOf(`upgrade-${name}`);

  test("leaves what docker stack deploy leaves, with nothing made anew that it keeps", () => {
    expect(outcome(run).refusals).toEqual({});
    expect(unexplained(run)).toEqual([]);
  });

  test("is left alone by a second update", () => {
    expect(Object.keys(outcome(run).repeated ?? {})).toEqual(["same"]);
  });
});

test.each(upgraded.filter((name) => name in REFUSED))(
  "upgrade of %s is refused before it begins, for the reason that Swarm has",
  (name) => {
    const { theirs, ours } = outcome(runOf(`upgrade-${name}`)).refusals;
    expect(theirs).toContain(REFUSED[name]);
    expect(ours).toContain(REFUSED[name]);
  },
);

test.runIf(RECIPE_CI_PROOF)("every allowance is needed", () => {
  const { used } = judge(
    [...answers.values()].flatMap((answer) => answer.outcome?.found ?? []),
    ALLOWANCES,
  );
  const needless = ALLOWANCES.filter((one) => !one.sometimes && !used.has(one));
  expect(needless.map(({ path }) => String(path))).toEqual([]);
});

/** Every twelfth one: all of them take minutes, see `npm run proof`. Those that are asked for by name are all there. */
function some(names: string[]): string[] {
  return RECIPE_CI_PROOF || RECIPE_CI_TEST_RECIPES ? names : names.filter((_, index) => index % 12 === 0);
}

function runOf(name: string): string {
  return `differential-${process.pid}-${name}`;
}

async function installation(recipe: string): Promise<Deployment> {
  const run = runOf(recipe);
  return { run, versions: [await corpusOptions(recipe, run)] };
}

async function upgrade(name: string): Promise<Deployment> {
  const run = runOf(`upgrade-${name}`);
  return { run, versions: await upgradeOptions(name, run) };
}

function unexplained(run: string): string[] {
  return judge(outcome(run).found, ALLOWANCES).unexplained.map(describeDifference);
}

function outcome(run: string): Outcome {
  const answer = answers.get(run);
  if (!answer?.outcome) throw new Error(answer?.error ?? "its lane ended before it came to it");
  return answer.outcome;
}

/** Gives deployments to a process of its own, one at a time, until none is left. */
function lane(queue: Deployment[]): Promise<void> {
  const child = fork(projectPath("tests/differential/lane.ts"), [swarm.host, folder]);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", () => resolve());
    child.on("message", (answer: LaneAnswer) => {
      if (answer.run) answers.set(answer.run, answer);
      const next = queue.shift();
      if (next === undefined) child.disconnect();
      else child.send(next);
    });
  });
}
