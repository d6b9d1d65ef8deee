import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunResult } from "../../lifecycle/result.ts";
import { findRecipe } from "../../recipes/find.ts";
import { locateVersions } from "../../stacks/versions.ts";
import type { Engine } from "../../swarm/client.ts";
import { inventory } from "../../swarm/inventory.ts";
import { RUN_LABEL } from "../../swarm/run-label.ts";
import { quietRun } from "./quiet-run.ts";
import { changesSince, UNCHANGED } from "./swarm-fixture.ts";
import { TwoMachines, WORKER } from "./two-machines.ts";

let node: TwoMachines;

beforeAll(async () => {
  node = await TwoMachines.up();
}, 300_000);

afterAll(() => node?.[Symbol.asyncDispose](), 120_000);

/** Containers and volumes of a run that lie on one node. */
async function countOn({ docker }: Engine, run: string): Promise<{ containers: number; volumes: number }> {
  const filters = { label: [`${RUN_LABEL}=${run}`] };
  const [containers, { Volumes }] = await Promise.all([
    docker.listContainers({ filters }),
    docker.listVolumes({ filters: JSON.stringify(filters) }),
  ]);
  return { containers: containers.length, volumes: Volumes.length };
}

describe("a recipe on the second machine of a Swarm", { timeout: 300_000 }, () => {
  test("goes through its whole life there, and nothing of it is left on either", async () => {
    const run = `workers-${process.pid}`;
    const [worker, before] = [await node.worker(), await inventory(node.swarm)];
    const recipe = await findRecipe("custom-html");
    let seen: unknown;
    const looks = {
      name: "places",
      title: "All of it is on the second machine",
      run: async () => {
        seen = await Promise.all([countOn(worker, run), countOn(node.swarm, run)]);
        return { summary: "looked" };
      },
    };
    const definition = { ...recipe, custom: [...(recipe.custom ?? []), looks] };
    const result: RunResult = await quietRun({
      run,
      definition,
      located: await locateVersions(definition),
      dockerHost: node.swarm.host,
      placeOn: WORKER,
    });
    expect(result).toMatchObject({ verdict: "pass", ledger: { left: [], lost: [] } });
    const passed = result.phases.filter((phase) => phase.status === "passed").map((phase) => phase.name);
    expect(passed).toEqual(["prepare", "install", "upgrade", "backup", "restore", "custom", "destroy"]);
    expect(result.phases.flatMap(({ checks }) => checks.map(({ name }) => name))).toContain(
      "restore.elsewhere-restored",
    );
    // The app, its probe and the helper of its backup, and the second app with its own.
    expect(seen).toEqual([
      { containers: 6, volumes: 2 },
      { containers: 0, volumes: 0 },
    ]);
    expect(result.adaptations).toContainEqual({
      subject: `${result.namespace}_app`,
      change: `runs on node ${WORKER} alone`,
      reason: expect.any(String),
    });
    const { came, went } = changesSince(before, await inventory(node.swarm));
    // The second engine's own, which it makes when it first has need of it.
    expect({ came: came.filter((one) => one !== "network docker_gwbridge"), went }).toEqual(UNCHANGED);
  });
});
