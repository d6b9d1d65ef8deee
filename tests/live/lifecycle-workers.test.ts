import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ensureImages } from "../../images/ensure.ts";
import { InfraError } from "../../lib/errors.ts";
import { home } from "../../lib/home.ts";
import { present } from "../../lib/present.ts";
import { nodeWatch } from "../../lifecycle/node-watch.ts";
import type { RunResult } from "../../lifecycle/result.ts";
import { readSpec } from "../../machine/machine.ts";
import { nodeSwarmDown } from "../../machine/node.ts";
import { MIRROR_PORT } from "../../machine/rootfs/node-rootfs.ts";
import { PROXY_NETWORK } from "../../machine/swarm.ts";
import type { OwnCheck } from "../../recipes/define-recipe.ts";
import { locateVersions } from "../../stacks/versions.ts";
import { connect, type Engine, ping } from "../../swarm/client.ts";
import { watchConvergence } from "../../swarm/converge/converge.ts";
import { swarmNodes } from "../../swarm/engines.ts";
import { withContainer } from "../../swarm/helper-container.ts";
import { inventory } from "../../swarm/inventory.ts";
import { givePlace, type PlaceArgs } from "../../swarm/place.ts";
import { removeByRun } from "../../swarm/remove-by-run.ts";
import { RUN_LABEL } from "../../swarm/run-label.ts";
import { findService } from "../../swarm/services.ts";
import { definedRun } from "./cli.ts";
import { quietRun } from "./quiet-run.ts";
import { smallRecipe } from "./small-recipe.ts";
import { changesSince, IMAGE, SERVE, TestRun, UNCHANGED } from "./swarm-fixture.ts";
import { TestAuthority } from "./tls-engine.ts";
import { BASE_DOMAIN, TwoMachines, WORKER } from "./two-machines.ts";

/** On which a manager lets others join. */
const SWARM_PORT = 2377;

let node: TwoMachines;
let small: Awaited<ReturnType<typeof smallRecipe>>;

beforeAll(async () => {
  small = await smallRecipe();
  node = await TwoMachines.up();
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await node?.[Symbol.asyncDispose]();
  await small[Symbol.asyncDispose]();
});

/** Containers and volumes of a run that lie on one node. */
async function countOn({ docker }: Engine, run: string): Promise<{ containers: number; volumes: number }> {
  const filters = { label: [`${RUN_LABEL}=${run}`] };
  const [containers, { Volumes }] = await Promise.all([
    docker.listContainers({ filters }),
    docker.listVolumes({ filters: JSON.stringify(filters) }),
  ]);
  return { containers: containers.length, volumes: Volumes.length };
}

describe("a recipe on the second machine of a Swarm", () => {
  test("goes through its whole life there, by TLS to both engines, and nothing of it is left on either", async () => {
    const run = `workers-${process.pid}`;
    const authority = await TestAuthority.create(home("tls"));
    const dockerHost = await node.listenByTls(authority);
    // Neither side talks to one of another authority.
    vi.stubEnv("DOCKER_CERT_PATH", (await TestAuthority.create(home("tls-of-others"))).folder);
    await expect(ping(connect(dockerHost))).rejects.toThrow(InfraError);
    vi.stubEnv("DOCKER_CERT_PATH", authority.folder);
    const [worker, before] = [await node.worker(), await inventory(node.swarm)];
    let seen: unknown;
    const looks: OwnCheck = {
      name: "places",
      title: "All of it is on the second machine",
      run: async () => {
        seen = await Promise.all([countOn(worker, run), countOn(node.swarm, run)]);
        return { summary: "looked" };
      },
    };
    const definition = { name: "small", source: small.folder, custom: [looks] };
    const result: RunResult = await quietRun({
      run,
      definition,
      dockerHost,
      placeOn: WORKER,
    });
    expect(worker.host).toMatch(/^tcp:/);
    expect(result, result.reason).toMatchObject({ verdict: "pass", ledger: { left: [], lost: [] } });
    const passed = result.phases.filter((phase) => phase.status === "passed").map((phase) => phase.name);
    expect(passed).toEqual(["prepare", "install", "upgrade", "backup", "restore", "move", "custom", "destroy"]);
    expect(result.phases.flatMap(({ checks }) => checks.map(({ name }) => name))).toContain("move.restored");
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
    await node.listenBySocket();
    expect((await node.worker()).host).toMatch(/^unix:/);
  });
});

/** A run of the small recipe on the second machine, with one check of its own, and no upgrade. */
async function smallRun(run: string, own: OwnCheck): Promise<RunResult> {
  const placeOn = "node.role == worker";
  const definition = {
    name: "small",
    source: small.folder,
    noBackup: "not what is tested here",
    placeOn,
    custom: [own],
  };
  const located = { ...(await locateVersions(definition)), baseCommit: undefined };
  return quietRun({ run, definition, located, dockerHost: node.swarm.host });
}

function ownersIn({ phases }: RunResult): Set<string> {
  return new Set(phases.flatMap(({ checks }) => checks.flatMap((one) => (one.status === "failed" ? one.owner : []))));
}

describe("the place of a run", () => {
  const nobody = () => 0;
  const place = async (run: string, over: Partial<PlaceArgs> = {}) =>
    (await givePlace(node.swarm, { run, unsuited: nobody, ...over }))?.name;

  test("is kept until the run is removed, and then it is free again", async () => {
    await using one = new TestRun(node.swarm);
    await using other = new TestRun(node.swarm);
    await using third = new TestRun(node.swarm);
    expect(await place(one.name)).toBe("local");
    expect(await place(other.name)).toBe(WORKER);
    expect(await place(one.name)).toBe("local");
    await removeByRun(node.swarm, one.name);
    expect(await place(third.name)).toBe("local");
    await expect(place(other.name, { wanted: ["local"] })).rejects.toThrow(
      `runs on node ${WORKER}, and can't be moved`,
    );
  });

  test("is another for each of those that ask at once", async () => {
    await using one = new TestRun(node.swarm);
    await using other = new TestRun(node.swarm);
    expect((await Promise.all([place(one.name), place(other.name)])).sort()).toEqual(["local", WORKER]);
  });

  test("is the one that is asked for, and else one that suits the more services", async () => {
    await using one = new TestRun(node.swarm);
    await using other = new TestRun(node.swarm);
    await expect(place(one.name, { wanted: ["third"] })).rejects.toThrow('there is no node "third"');
    const both = ["node.role == manager", WORKER];
    await expect(place(one.name, { wanted: both })).rejects.toThrow(`no node "node.role == manager, ${WORKER}"`);
    expect(await place(one.name, { wanted: ["node.role == worker", WORKER] })).toBe(WORKER);
    expect(await place(other.name, { unsuited: ({ role }) => (role === "worker" ? 1 : 2) })).toBe(WORKER);
  });

  test("is none that takes no more tasks, and none at all where there is no other", async () => {
    await using one = new TestRun(node.swarm);
    await using other = new TestRun(node.swarm);
    await node.setAvailability("pause");
    expect(await place(one.name, { unsuited: ({ role }) => (role === "worker" ? 0 : 1) })).toBe("local");
    await expect(place(other.name, { wanted: [WORKER] })).rejects.toMatchObject({
      message: expect.stringContaining(`${WORKER} is ready, pause`),
      remedy: expect.stringContaining("docker node update --availability active"),
    });
    await node.setAvailability("active");
  });

  test("is where a stack is that was made before there was another", async () => {
    await using one = new TestRun(node.swarm);
    const name = await one.service("app", { Image: "none" });
    expect(await place(one.name, { unsuited: ({ role }) => (role === "worker" ? 0 : 1) })).toBe("local");
    expect(await findService(node.swarm, name)).toBeDefined();
  });
});

describe("several runs in a Swarm of two machines", () => {
  // Two processes; their places are asked for at once above.
  test.runIf(process.env.RECIPE_CI_PROOF)("go to one each where they come at once", async () => {
    const definition = { name: "small", noBackup: "not what is tested here" };
    const asked = { folder: small.folder, dockerHost: node.swarm.host, definition };
    const results = await Promise.all([definedRun(asked), definedRun(asked)]);
    expect(results.map(({ verdict }) => verdict)).toEqual(["pass", "pass"]);
    expect(results.map((one) => one.node.place).sort()).toEqual(["local", WORKER]);
  });

  test("that leave something on the second machine are told of it, by its name", async () => {
    const run = `workers-left-${process.pid}`;
    const { docker } = await node.worker();
    // Without a label, so that the removal by label does not know of it.
    const leave = async () => void (await docker.createVolume({ Name: run }));
    const result = await smallRun(run, {
      name: "leaves",
      title: "It leaves a volume",
      run: async () => leave().then(() => ({ summary: "left" })),
    });
    expect(result.ledger.left).toEqual([{ kind: "volume", id: run, name: run, node: WORKER }]);
    expect(result, result.reason).toMatchObject({ verdict: "infra", reason: expect.stringContaining(`volume ${run}`) });
    await docker.getVolume(run).remove();
  });

  test.runIf(process.env.RECIPE_CI_PROOF)(
    "are not blamed for a machine that loses its power, and what was there goes once it is back",
    async () => {
      const run = `workers-lost-${process.pid}`;
      const result = await smallRun(run, {
        name: "lost",
        title: "The machine loses its power",
        after: ["install"],
        run: async () => node.powerOffWorker().then(() => ({ summary: "off" })),
      });
      expect(result.verdict, result.reason).toBe("infra");
      expect(ownersIn(result)).toEqual(new Set(["infra"]));
      expect(result.ledger.left).toContainEqual({ kind: "node", id: expect.any(String), name: WORKER });
      await node.mend();
      const worker = await node.worker();
      expect(await countOn(worker, run)).toMatchObject({ volumes: 1 });
      expect(await removeByRun(node.swarm, run)).toEqual({ left: [] });
      expect(await countOn(worker, run)).toEqual({ containers: 0, volumes: 0 });
    },
  );
});

describe("containers of each machine", () => {
  const spec = { run: "names", image: IMAGE, entrypoint: ["sleep"], cmd: ["60"] };
  const answer = async (engine: Engine, network: string, name: string) => {
    await ensureImages({ swarm: engine, images: [{ image: IMAGE, usedBy: {} }] });
    return withContainer(engine, { ...spec, network }, async (helper) => {
      const { stdout } = await helper.exec(["nslookup", "-type=a", name]);
      return /^Name:.*\nAddress: (.*)$/m.exec(stdout)?.[1];
    });
  };

  test("find names below the base domain where Traefik is, at any depth, and nothing else of it", async () => {
    const { address } = present(await readSpec("local"), "the manager");
    for (const engine of [node.swarm, await node.worker()]) {
      for (const network of ["bridge", "host", PROXY_NETWORK]) {
        for (const name of [`wiki.${BASE_DOMAIN}`, `a.b.${BASE_DOMAIN}`])
          expect([network, await answer(engine, network, name)]).toEqual([network, address]);
        expect(await answer(engine, network, "nosuch.invalid")).toBeUndefined();
      }
    }
  });

  test("reach the machines, but no mirror of theirs, not even another's", async () => {
    const manager = present(await readSpec("local"), "the manager").address;
    const worker = present(await readSpec(WORKER), "the worker").address;
    for (const engine of [node.swarm, await node.worker()]) {
      await withContainer(engine, { ...spec, network: "bridge" }, async (helper) => {
        const opens = async (address: string, port: number) =>
          (await helper.exec(["sh", "-c", `nc -w 10 ${address} ${port} < /dev/null`])).code === 0;
        expect(await opens(manager, SWARM_PORT)).toBe(true);
        expect(await opens(manager, MIRROR_PORT)).toBe(false);
        expect(await opens(worker, MIRROR_PORT)).toBe(false);
      });
    }
  });
});

describe("a worker that is to leave", () => {
  test("waits for the runs that have it, is given to no other, and joins again as another node, which runs are told of that have no place", async () => {
    await using run = new TestRun(node.swarm);
    await using other = new TestRun(node.swarm);
    const given = (asked: string, wanted?: string[]) =>
      givePlace(node.swarm, { run: asked, wanted, unsuited: ({ role }) => (role === "worker" ? 0 : 1) });
    expect((await given(run.name, [WORKER]))?.name).toBe(WORKER);
    await ensureImages({ swarm: await node.worker(), images: [{ image: IMAGE, usedBy: {} }] });
    const Placement = { Constraints: [`node.hostname==${WORKER}`] };
    const name = await run.service("app", {}, { TaskTemplate: { Placement } });
    await watchConvergence({ swarm: node.swarm, services: [{ name }], stableFor: "0 s" });
    const seen = async () => (await swarmNodes(node.swarm)).find((one) => one.name === WORKER);
    const was = await seen();

    let waits = () => {};
    const waiting = new Promise<void>((resolve) => {
      waits = resolve;
    });
    const told: string[] = [];
    const left = nodeSwarmDown(WORKER, (line) => {
      told.push(line);
      waits();
    });
    await waiting;
    expect(told).toEqual([`waiting for the end of ${run.name}, whose node it is`]);
    // The run goes on as it would have: Swarm finds a place for what is anew.
    await run.update(name, { Command: [...SERVE, "anew"] });
    await watchConvergence({ swarm: node.swarm, services: [{ name }], stableFor: "0 s" });
    expect(await seen()).toMatchObject({ state: "ready", availability: "active" });
    expect((await given(other.name))?.name).toBe("local");
    await removeByRun(node.swarm, run.name);
    await left;
    expect(await seen()).toBeUndefined();

    await using alone = new TestRun(node.swarm);
    await using asked = new TestRun(node.swarm);
    expect(await given(alone.name)).toBeUndefined();
    expect((await given(asked.name, ["node.role == manager"]))?.name).toBe("local");
    const watches = [alone, asked].map(({ name: run }) => nodeWatch(node.swarm, run));
    const troubles = () => Promise.all(watches.map((watch) => watch.trouble("")));
    expect(await troubles()).toEqual([undefined, undefined]);
    await node.mend();
    const joined = `node ${WORKER} joined the Swarm while the run went on, whose tasks may be there without their data`;
    expect(await troubles()).toEqual([joined, undefined]);
    expect(await seen()).toMatchObject({ state: "ready", availability: "active", engine: expect.anything() });
    expect((await seen())?.id).not.toBe(was?.id);
  });
});
