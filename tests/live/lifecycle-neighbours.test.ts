import { expect, test } from "vitest";
import { until } from "../../lib/until.ts";
import { neighboursOf } from "../../lifecycle/neighbours.ts";
import { subscribe } from "../../swarm/engine-events.ts";
import { inventory } from "../../swarm/inventory.ts";
import { removeByRun } from "../../swarm/remove-by-run.ts";
import { IMAGE, SERVE, TestRun, testSwarmWithImages } from "./swarm-fixture.ts";

test("a run that comes and goes between two looks at the node is known, oneself is not", async () => {
  const swarm = await testSwarmWithImages();
  await using own = new TestRun(swarm);
  await using other = new TestRun(swarm);
  const before = await inventory(swarm);
  const state = { run: own.name, recipe: "x", owner: { pid: 1 }, dockerHost: swarm.host, startedAt: "9" };
  const neighbours = neighboursOf({ run: own.name, namespaces: [own.name] }, state);
  const events = await subscribe(swarm, neighbours.saw);
  try {
    for (const run of [own, other]) {
      const options = { Image: IMAGE, Cmd: SERVE, Labels: run.labels };
      await swarm.docker.createContainer(options);
      await removeByRun(swarm, run.name);
    }
    const after = await inventory(swarm);
    expect(after.entries.some(({ run }) => run === own.name || run === other.name)).toBe(false);
    const known = await until(
      async () => {
        const names = await neighbours.since(before, after);
        return names.includes(other.name) ? { done: true, value: names } : { done: false, reason: names.join() };
      },
      { what: "the other is known", deadline: "5 s", every: "20 ms" },
    );
    expect(known).not.toContain(own.name);
  } finally {
    events.close();
  }
});
