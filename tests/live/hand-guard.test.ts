import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../lib/clock.ts";
import { until } from "../../lib/until.ts";
import { STACK_PHASES } from "../../stacks/phases.ts";
import { type Swarm, socketPath } from "../../swarm/client.ts";
import { type InventoryEntry, type InventoryKind, inventory } from "../../swarm/inventory.ts";
import { removeByRun } from "../../swarm/remove-by-run.ts";
import { whenFree } from "../fixtures/when-free.ts";
import { smallRecipe } from "./small-recipe.ts";
import { testSwarmWithImages } from "./swarm-fixture.ts";
import { TypedPulumi } from "./typed-pulumi.ts";

/** The phases that the small recipe has. */
const PHASES = STACK_PHASES.filter((phase) => phase !== "custom");

/** Moments of an update at which it is killed. Eight of each phase take minutes: `npm run proof`. */
const MOMENTS = process.env.RECIPE_CI_PROOF ? { install: 8, later: 8 } : { install: 2, later: 1 };

/** Milliseconds that the last update took which nobody killed: they differ little from phase to phase. */
let whole = 0;

let swarm: Swarm;
let recipe: Awaited<ReturnType<typeof smallRecipe>>;

beforeAll(async () => {
  swarm = await testSwarmWithImages();
  recipe = await smallRecipe();
}, 120_000);

afterAll(() => recipe[Symbol.asyncDispose]());

/** A stack of the small recipe that is taken away at the end, whatever a test has done to it. */
async function withStack(name: string, work: (pulumi: TypedPulumi) => Promise<void>, config = {}): Promise<void> {
  const stack = `pr-small-${name}-${process.pid}`;
  const pulumi = await TypedPulumi.init(stack, { recipe: "small", source: recipe.folder, ...config });
  try {
    await work(pulumi);
  } finally {
    await removeByRun(swarm, stack);
    await pulumi.forget();
  }
}

async function of({ stack }: TypedPulumi): Promise<InventoryEntry[]> {
  return (await inventory(swarm)).entries.filter((entry) => entry.run === stack);
}

async function up(pulumi: TypedPulumi, phase?: string): Promise<void> {
  if (phase) await pulumi.succeed("config", "set", "phase", phase, "-s", pulumi.stack);
  const start = performance.now();
  const { code, stdout, stderr } = await pulumi.up();
  expect(code, stdout + stderr).toBe(0);
  whole = performance.now() - start;
}

/** Destroys, which must work and leave nothing. */
async function expectDestroyed(pulumi: TypedPulumi, when: string): Promise<void> {
  const { code, stdout, stderr } = await pulumi.destroy();
  expect(code, `${when}\n${stdout}\n${stderr}`).toBe(0);
  expect(await of(pulumi), when).toEqual([]);
  // Plugins live a moment longer than their engine, those of a killed one for ever unless they are ended.
  await expect.poll(() => pulumi.processes(), { message: when, timeout: 10_000 }).toEqual([]);
}

describe("pulumi up of a recipe's stack, killed and cancelled: destroy leaves nothing", { timeout: 900_000 }, () => {
  test.each(PHASES)("in %s", async (phase) => {
    const moments = phase === "install" ? MOMENTS.install : MOMENTS.later;
    if (phase === "install") await withStack("whole", (pulumi) => up(pulumi));
    for (let moment = 1; moment <= moments; moment++) {
      await withStack(`${phase}-${moment}`, async (pulumi) => {
        for (const before of PHASES.slice(0, PHASES.indexOf(phase))) await up(pulumi, before);
        await pulumi.succeed("config", "set", "phase", phase, "-s", pulumi.stack);
        await pulumi.killedUp(() => systemClock.sleep((whole * moment) / (moments + 1)));
        await pulumi.type("cancel", pulumi.stack, "--yes");
        await expectDestroyed(pulumi, `${phase}, moment ${moment}`);
      });
    }
  });
});

test("a disaster that was killed half-way is gone through again by the next up", { timeout: 120_000 }, async () => {
  await withStack("disaster", async (pulumi) => {
    await up(pulumi);
    const app = (await of(pulumi)).find(({ kind, name }) => kind === "service" && name.endsWith("_app"));
    await up(pulumi, "backup");
    await pulumi.succeed("config", "set", "phase", "restore", "-s", pulumi.stack);
    const { ended } = await pulumi.killedUp(() => containersGone(app?.name));
    expect(ended).toBe(false);
    await pulumi.type("cancel", pulumi.stack, "--yes");
    await up(pulumi);
    await expectDestroyed(pulumi, "after the disaster");
  });
});

/** Waits until a service has no container: its app stands still. */
async function containersGone(service = ""): Promise<void> {
  const filters = { label: [`com.docker.swarm.service.name=${service}`] };
  await until(
    async () => {
      const left = await swarm.docker.listContainers({ filters });
      return left.length ? { done: false, reason: "it runs" } : { done: true, value: undefined };
    },
    { what: `${service} stands still`, deadline: "60 s", every: "20 ms" },
  );
}

describe("a stack that others took something from", { timeout: 120_000 }, () => {
  const GONE: { kinds: InventoryKind[] }[] = [
    { kinds: ["service"] },
    { kinds: ["service", "volume", "network", "secret", "config"] },
  ];

  test.each(GONE)("$kinds: destroy leaves nothing", async ({ kinds }) => {
    await withStack("robbed", async (pulumi) => {
      await up(pulumi);
      const entries = (await of(pulumi)).filter(({ kind }) => kinds.includes(kind));
      for (const { id, kind } of entries) if (kind === "service") await swarm.docker.getService(id).remove();
      // A helper of ours holds the volume too.
      for (const { id, kind } of await of(pulumi)) {
        if (kind === "container") await swarm.docker.getContainer(id).remove({ force: true });
      }
      for (const entry of entries) await remove(entry);
      await expectDestroyed(pulumi, kinds.join());
    });
  });

  test("a service that is made anew by `up --refresh` is looked at anew", async () => {
    await withStack("anew", async (pulumi) => {
      await up(pulumi);
      const again = await pulumi.up();
      expect(again.stdout).not.toContain("install.converged passed");
      const service = (await of(pulumi)).find(({ kind, name }) => kind === "service" && name.endsWith("_app"));
      await swarm.docker.getService(service?.id ?? "").remove();
      const refreshed = await pulumi.up("--refresh");
      expect(refreshed.code, refreshed.stdout + refreshed.stderr).toBe(0);
      expect(refreshed.stdout).toContain("install.converged passed");
      await expectDestroyed(pulumi, "made anew");
    });
  });

  test("a node that is gone: destroy says so, and how to go on; with the node back it leaves nothing", async () => {
    const folder = await mkdtemp(join(tmpdir(), "recipe-ci-node-"));
    const socket = join(folder, "docker.sock");
    await symlink(socketPath(swarm.host), socket);
    try {
      await withStack(
        "node-gone",
        async (pulumi) => {
          await up(pulumi);
          await rm(socket);
          const { code, stdout, stderr } = await pulumi.destroy();
          expect(code).not.toBe(0);
          expect(stdout + stderr).toContain(`the Docker Engine at unix://${socket} does not answer`);
          expect(stdout + stderr).toContain(`stack rm ${pulumi.stack} --force`);
          await symlink(socketPath(swarm.host), socket);
          await expectDestroyed(pulumi, "the node is back");
        },
        { dockerHost: `unix://${socket}` },
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("a stack that is to upgrade what was never installed, or to go back", { timeout: 120_000 }, () => {
  test("is refused with a sentence before anything changes", async () => {
    await withStack("steps", async (pulumi) => {
      await pulumi.succeed("config", "set", "phase", "backup", "-s", pulumi.stack);
      const fresh = await pulumi.up();
      expect(fresh.code).not.toBe(0);
      expect(fresh.stdout + fresh.stderr).toContain("the stack is new, and an upgrade starts from an app that runs");
      expect(await of(pulumi)).toEqual([]);

      await up(pulumi, "install");
      const installed = await of(pulumi);
      // Forward it does all that lies between, in its order.
      await up(pulumi, "restore");
      await pulumi.succeed("config", "set", "phase", "install", "-s", pulumi.stack);
      const back = await pulumi.up();
      expect(back.stdout + back.stderr).toContain("can't go back to install");
      const services = (entries: InventoryEntry[]) =>
        entries.filter(({ kind }) => kind === "service").map(({ id }) => id);
      expect(services(await of(pulumi))).toEqual(expect.arrayContaining(services(installed)));
      await expectDestroyed(pulumi, "after steps");
    });
  });
});

async function remove({ kind, id, name }: InventoryEntry): Promise<void> {
  const { docker } = swarm;
  if (kind === "volume") await docker.getVolume(id).remove();
  if (kind === "network") await whenFree(name, () => docker.getNetwork(id).remove());
  if (kind === "secret") await docker.getSecret(id).remove();
  if (kind === "config") await docker.getConfig(id).remove();
}
