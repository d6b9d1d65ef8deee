import { beforeAll, expect, test } from "vitest";
import type { Swarm } from "../../swarm/client.ts";
import { watchConvergence } from "../../swarm/converge/converge.ts";
import { type InventoryEntry, inventory } from "../../swarm/inventory.ts";
import { removeByRun } from "../../swarm/remove-by-run.ts";
import { IMAGE, TestRun, testSwarmWithImages } from "./swarm-fixture.ts";

let swarm: Swarm;
beforeAll(async () => {
  swarm = await testSwarmWithImages();
});

/** One of everything a run can have, in use by a running service that ignores being asked to stop. */
async function everything(run: TestRun): Promise<void> {
  const { docker } = swarm;
  const Labels = run.labels;
  const network = await docker.createNetwork({ Name: `${run.name}_net`, Driver: "overlay", Attachable: true, Labels });
  await docker.createVolume({ Name: `${run.name}_data`, Labels });
  const secret: { id: string } = await docker.createSecret({ Name: `${run.name}_secret`, Labels, Data: "eA==" });
  await docker.createConfig({ Name: `${run.name}_config`, Labels, Data: "eA==" });
  const name = await run.service(
    "app",
    {
      Command: ["sh", "-c", "trap '' TERM; while :; do sleep 1; done"],
      StopGracePeriod: 60_000_000_000,
      Labels: {},
      Mounts: [{ Type: "volume", Source: `${run.name}_data`, Target: "/data" }],
      Secrets: [
        { SecretID: secret.id, SecretName: `${run.name}_secret`, File: { Name: "x", UID: "0", GID: "0", Mode: 292 } },
      ],
    },
    { TaskTemplate: { Networks: [{ Target: network.id }] } },
  );
  await watchConvergence({ swarm, services: [{ name }], stableFor: "0 s" });
  const helper = await docker.createContainer({
    Image: IMAGE,
    Cmd: ["sleep", "1000"],
    Labels,
    HostConfig: { NetworkMode: `${run.name}_net` },
  });
  await helper.start();
}

async function of(run: TestRun): Promise<InventoryEntry[]> {
  return (await inventory(swarm)).entries.filter((entry) => entry.run === run.name);
}

const EVERY_KIND = ["config", "container", "container", "network", "secret", "service", "task", "volume"];

test("removal by label takes all of a run and leaves its neighbour alone", async () => {
  await using neighbour = new TestRun(swarm);
  await using run = new TestRun(swarm);
  await Promise.all([everything(neighbour), everything(run)]);
  const before = await of(neighbour);
  expect(before.map((entry) => entry.kind).sort()).toEqual(EVERY_KIND);
  expect((await of(run)).map((entry) => entry.kind).sort()).toEqual(EVERY_KIND);

  expect(await removeByRun(swarm, run.name)).toEqual({ left: [] });
  expect(await of(run)).toEqual([]);
  expect(await of(neighbour)).toEqual(before);
});

test("a service that is only being started leaves no container behind", async () => {
  await using run = new TestRun(swarm);
  const name = await run.service("young", { Labels: {} });
  expect(await removeByRun(swarm, run.name)).toEqual({ left: [] });
  expect((await inventory(swarm)).entries.filter((entry) => entry.name.startsWith(name))).toEqual([]);
});

test("what cannot be removed is named with the engine's reason", async () => {
  await using user = new TestRun(swarm);
  await using run = new TestRun(swarm);
  const volume = `${run.name}_data`;
  await swarm.docker.createVolume({ Name: volume, Labels: run.labels });
  const name = await user.service("app", { Mounts: [{ Type: "volume", Source: volume, Target: "/data" }] });
  await watchConvergence({ swarm, services: [{ name }], stableFor: "0 s" });

  const removal = await removeByRun(swarm, run.name, { deadline: "1 s" });
  expect(removal.left).toMatchObject([{ kind: "volume", name: volume }]);
  expect(removal.reason).toContain("in use");

  await removeByRun(swarm, user.name);
});

test("removal of a run that has nothing is done", async () => {
  expect(await removeByRun(swarm, "test-nothing")).toEqual({ left: [] });
});

test("a container of somebody's that has no labels is seen like any other", async () => {
  const { id } = await swarm.docker.createContainer({ Image: IMAGE });
  try {
    const seen = (await inventory(swarm)).entries.find((entry) => entry.id === id);
    expect(seen).toMatchObject({ kind: "container", name: expect.stringMatching(/./) });
    expect(seen?.run).toBeUndefined();
  } finally {
    await swarm.docker.getContainer(id).remove();
  }
});
