import { setTimeout } from "node:timers/promises";
import { beforeAll, expect, test } from "vitest";
import { CheckFailure } from "../../checks/check-failure.ts";
import { lateness, lookWhenOver } from "../../checks/overdue.ts";
import { nodeWatch } from "../../lifecycle/node-watch.ts";
import type { Swarm } from "../../swarm/client.ts";
import { IMAGE, TestRun, testSwarmWithImages } from "./swarm-fixture.ts";

const LATE = "GET /: not within 30.0 s; last seen: status 404";
const BUSY = ["sh", "-c", "while :; do :; done"];
/** As many as leave an app a fifth of a processor: each container has the same part of it, whatever it holds. */
const GREEDY = 4;

let swarm: Swarm;
beforeAll(async () => {
  swarm = await testSwarmWithImages();
});

/** A container of a run; all of them have one processor together, so that other tests have the rest. */
async function start(run: TestRun, Cmd: string[]): Promise<void> {
  const shared = { HostConfig: { CpusetCpus: "0" } };
  const container = await swarm.docker.createContainer({ Image: IMAGE, Cmd, Labels: run.labels, ...shared });
  await container.start();
}

test("an app that wants processors which others have is late through the node's fault, one that hangs through its own", async () => {
  await using others = new TestRun(swarm);
  await Promise.all(Array.from({ length: GREEDY }, () => start(others, BUSY)));

  await using working = new TestRun(swarm);
  await start(working, BUSY);
  const watch = nodeWatch(swarm, working.name);
  expect(await watch.trouble(LATE)).toMatch(
    /^the node at .* is too busy: the run's apps want [01][.]\d of its processors, and have 0[.]\d$/,
  );
  expect(await watch.trouble("the answer is wrong")).toBeUndefined();
  using overdue = lookWhenOver({ seconds: 0 }, { swarm, run: working.name });
  await setTimeout(10);
  const theirs = await lateness("late", overdue);
  expect([theirs.name, theirs.message]).toEqual([
    "InfraError",
    expect.stringMatching(/^late; then the node at .* is too busy: /),
  ]);

  await using hanging = new TestRun(swarm);
  await start(hanging, ["sleep", "1000"]);
  expect(await nodeWatch(swarm, hanging.name).trouble(LATE)).toBeUndefined();
  using own = lookWhenOver({ seconds: 0 }, { swarm, run: hanging.name });
  await setTimeout(10);
  expect(await lateness("late", own)).toEqual(new CheckFailure("late"));
});
