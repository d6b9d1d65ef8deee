import { beforeAll, expect, test } from "vitest";
import { nodeWatch } from "../../lifecycle/node-watch.ts";
import type { Swarm } from "../../swarm/client.ts";
import { watchConvergence } from "../../swarm/converge/converge.ts";
import { ConvergeError } from "../../swarm/converge/converge-error.ts";
import { healthcheck, TestRun, testSwarmWithImages } from "./swarm-fixture.ts";

const BUSY = ["sh", "-c", "while :; do :; done"];
/** As many as leave an app a small part of each processor. */
const GREEDY = ["sh", "-c", "for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do (while :; do :; done) & done; wait"];

let swarm: Swarm;
beforeAll(async () => {
  swarm = await testSwarmWithImages();
});

/** How a service that is never healthy fails, and what is wrong with the node then. */
async function late(run: TestRun, command: string[]) {
  const name = await run.service("app", { Command: command, ...healthcheck(["CMD", "false"], 600) });
  const services = [{ name, replicas: 1, mayEnd: false }];
  const how = { deadline: "8 s", stableFor: "0 s", restartBudget: 0 } as const;
  const failed = await watchConvergence({ swarm, services, ...how }).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(ConvergeError);
  return nodeWatch(swarm, run.name).trouble((failed as Error).message);
}

test("an app that wants processors which others have is late through the node's fault, one that hangs through its own", async () => {
  await using others = new TestRun(swarm);
  await others.service("greedy", { Command: GREEDY });
  await using working = new TestRun(swarm);
  expect(await late(working, BUSY)).toMatch(
    /^the node at .* is too busy: the run's apps want [1-9][.]\d of its processors, and have 0[.]\d$/,
  );
  const watch = nodeWatch(swarm, working.name);
  expect(await watch.trouble("GET /: not within 30.0 s; last seen: status 404")).toContain("is too busy");
  expect(await watch.trouble("the answer is wrong")).toBeUndefined();

  await using hanging = new TestRun(swarm);
  expect(await late(hanging, ["sleep", "1000"])).toBeUndefined();
});
