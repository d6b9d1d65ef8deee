import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../lib/clock.ts";
import { present } from "../../lib/present.ts";
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

const { RECIPE_CI_PROOF } = process.env;

/** At how many moments an update of each phase is killed. They take minutes: `npm run proof`. */
const MOMENTS = 8;

/** Milliseconds that an update takes which nobody kills: they differ little from phase to phase. */
let whole = 0;

let swarm: Swarm;
let recipe: Awaited<ReturnType<typeof smallRecipe>>;

beforeAll(async () => {
  swarm = await testSwarmWithImages();
  recipe = await smallRecipe();
});

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

/** Gives the milliseconds that it took. */
async function up(pulumi: TypedPulumi, phase?: string): Promise<number> {
  if (phase) await pulumi.succeed("config", "set", "phase", phase, "-s", pulumi.stack);
  const start = performance.now();
  const { code, stdout, stderr } = await pulumi.up();
  expect(code, stdout + stderr).toBe(0);
  return performance.now() - start;
}

/** Destroys, which must work and leave nothing. */
async function expectDestroyed(pulumi: TypedPulumi, when: string): Promise<void> {
  const { code, stdout, stderr } = await pulumi.destroy();
  expect(code, `${when}\n${stdout}\n${stderr}`).toBe(0);
  expect(await of(pulumi), when).toEqual([]);
  // Plugins live a moment longer than their engine, those of a killed one for ever unless they are ended.
  await expect.poll(() => pulumi.processes(), { message: when }).toEqual([]);
}

const KILLED = "pulumi up of a recipe's stack, killed and cancelled: destroy leaves nothing";

test(`${KILLED}, though its service was not there yet`, async () => {
  await withStack("begun", async (pulumi) => {
    await pulumi.succeed("config", "set", "phase", "install", "-s", pulumi.stack);
    const { ended } = await pulumi.killedUp(() => begun(pulumi));
    expect(ended).toBe(false);
    await pulumi.type("cancel", pulumi.stack, "--yes");
    await expectDestroyed(pulumi, "begun");
  });
});

/** Waits until something of a stack is on the node. */
async function begun(pulumi: TypedPulumi): Promise<void> {
  await until(
    async () => {
      const made = await of(pulumi);
      return made.length ? { done: true, value: undefined } : { done: false, reason: "nothing is there" };
    },
    { what: `the first of ${pulumi.stack}`, deadline: "120 s", every: "20 ms" },
  );
}

describe.runIf(RECIPE_CI_PROOF)(KILLED, () => {
  beforeAll(() =>
    withStack("whole", async (pulumi) => {
      whole = await up(pulumi);
    }),
  );

  test.each(PHASES)("in %s", async (phase) => {
    const before = new Set(phase === "install" ? [] : ["install", PHASES[PHASES.indexOf(phase) - 1]]);
    for (let moment = 1; moment <= MOMENTS; moment++) {
      await withStack(`${phase}-${moment}`, async (pulumi) => {
        for (const one of before) await up(pulumi, one);
        await pulumi.succeed("config", "set", "phase", phase, "-s", pulumi.stack);
        await pulumi.killedUp(() => systemClock.sleep((whole * moment) / (MOMENTS + 1)));
        await pulumi.type("cancel", pulumi.stack, "--yes");
        await expectDestroyed(pulumi, `${phase}, moment ${moment}`);
      });
    }
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

/** Takes away what a stack has on its node, as far as it is of these kinds. */
async function rob(pulumi: TypedPulumi, kinds: readonly InventoryKind[]): Promise<void> {
  const entries = (await of(pulumi)).filter(({ kind }) => kinds.includes(kind));
  for (const { id, kind } of entries) if (kind === "service") await swarm.docker.getService(id).remove();
  // A helper of ours holds the volume too.
  for (const { id, kind, name } of await of(pulumi)) {
    if (kind === "container") await whenFree(name, () => swarm.docker.getContainer(id).remove({ force: true }));
  }
  for (const entry of entries) await remove(entry);
}

/** One story, as each of its updates takes seconds. That a second update looks at nothing again: bare-pulumi. */
describe("a stack that is taken through its phases, and that others take something from", () => {
  test("looks anew at what is made anew, upgrades in place, never goes back, and leaves nothing, though nothing is left", async () => {
    const folder = await mkdtemp(join(tmpdir(), "recipe-ci-node-"));
    const socket = join(folder, "docker.sock");
    await symlink(socketPath(swarm.host), socket);
    const work = async (pulumi: TypedPulumi) => {
      if (RECIPE_CI_PROOF) await expectRefusedAtOnce(pulumi);
      await up(pulumi, "install");
      await removeApp(pulumi);
      const refreshed = await pulumi.up("--refresh");
      expect(refreshed.code, refreshed.stdout + refreshed.stderr).toBe(0);
      expect(refreshed.stdout).toContain("install.converged passed");

      const installed = await of(pulumi);
      if (RECIPE_CI_PROOF) await killedDisaster(pulumi, installed);
      // Forward it does all that lies between, in its order.
      await up(pulumi, RECIPE_CI_PROOF ? "restore" : "upgrade");
      await pulumi.succeed("config", "set", "phase", "install", "-s", pulumi.stack);
      const back = await pulumi.up();
      expect(back.stdout + back.stderr).toContain("can't go back to install");
      const services = (entries: InventoryEntry[]) =>
        entries.filter(({ kind }) => kind === "service").map(({ id }) => id);
      expect(services(await of(pulumi))).toEqual(expect.arrayContaining(services(installed)));

      await rm(socket);
      const { code, stdout, stderr } = await pulumi.destroy();
      expect(code).not.toBe(0);
      expect(stdout + stderr).toContain(`the Docker Engine at unix://${socket} does not answer`);
      expect(stdout + stderr).toContain(`stack rm ${pulumi.stack} --force`);
      await symlink(socketPath(swarm.host), socket);

      await rob(pulumi, ["service", "volume", "network", "secret", "config"]);
      await expectDestroyed(pulumi, "the node is back, and the stack is not");
    };
    try {
      await withStack("robbed", work, { dockerHost: `unix://${socket}` });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test.runIf(RECIPE_CI_PROOF)("leaves nothing when it has lost its service alone", async () => {
    await withStack("lost", async (pulumi) => {
      await up(pulumi);
      await rob(pulumi, ["service"]);
      await expectDestroyed(pulumi, "service");
    });
  });

  async function removeApp(pulumi: TypedPulumi): Promise<void> {
    const service = (await of(pulumi)).find(({ kind, name }) => kind === "service" && name.endsWith("_app"));
    await swarm.docker.getService(present(service, "its service").id).remove();
  }

  async function expectRefusedAtOnce(pulumi: TypedPulumi): Promise<void> {
    await pulumi.succeed("config", "set", "phase", "backup", "-s", pulumi.stack);
    const fresh = await pulumi.up();
    expect(fresh.code).not.toBe(0);
    expect(fresh.stdout + fresh.stderr).toContain("the stack is new, and an upgrade starts from an app that runs");
    expect(await of(pulumi)).toEqual([]);
  }

  /** Goes through a disaster that is killed, so that the next update has to go through it again. */
  async function killedDisaster(pulumi: TypedPulumi, installed: InventoryEntry[]): Promise<void> {
    await up(pulumi, "backup");
    const app = installed.find(({ kind, name }) => kind === "service" && name.endsWith("_app"));
    await pulumi.succeed("config", "set", "phase", "restore", "-s", pulumi.stack);
    const { ended } = await pulumi.killedUp(() => containersGone(app?.name));
    expect(ended).toBe(false);
    await pulumi.type("cancel", pulumi.stack, "--yes");
  }
});

async function remove({ kind, id, name }: InventoryEntry): Promise<void> {
  const { docker } = swarm;
  if (kind === "volume") await whenFree(name, () => docker.getVolume(id).remove());
  if (kind === "network") await whenFree(name, () => docker.getNetwork(id).remove());
  if (kind === "secret") await docker.getSecret(id).remove();
  if (kind === "config") await docker.getConfig(id).remove();
}
