import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { entryAnswering } from "../../checks/http/entry-answers.ts";
import { home } from "../../lib/home.ts";
import { present } from "../../lib/present.ts";
import { projectPath } from "../../lib/project.ts";
import { ENGINE_LABEL } from "../../lib/swarm/node-labels.ts";
import { engineInfo, engineRequest } from "../../machine/engine-api.ts";
import { machineLayout, workerNames } from "../../machine/layout.ts";
import { destroyMachine, machineLeftovers } from "../../machine/machine.ts";
import { bridgeName, networkDown, networkLeftovers } from "../../machine/network/network.ts";
import { nodeMachineUp, nodeRootfs } from "../../machine/node.ts";
import { leaderPid, supervision } from "../../machine/power.ts";
import type { SwarmNode } from "../../machine/swarm.ts";
import { connect } from "../../swarm/client.ts";
import { TestProject } from "../live/pulumi-project.ts";
import { hostInventory } from "./machine-host.ts";

const NAME = "stacked";
const silent = () => undefined;

const program = `
import * as pulumi from "@pulumi/pulumi";
import { nodeStack } from ${JSON.stringify(projectPath("stacks/node.ts"))};
const outputs = await nodeStack(new pulumi.Config());
export const { socket, address, mirror, engineVersion, capabilities, workers } = outputs;
`;

let project: TestProject;
let before: string[];

beforeAll(async () => {
  const rootfs = await nodeRootfs(silent);
  project = await TestProject.create(program);
  await mkdir(home("tests"), { recursive: true });
  const folder = await mkdtemp(join(home("tests"), "stack-"));
  await symlink(join(rootfs.folder, ".."), join(folder, "rootfs"));
  await mkdir(home("mirror"), { recursive: true });
  await symlink(home("mirror"), join(folder, "mirror"));
  process.env.RECIPE_CI_HOME = folder;
  before = await hostInventory();
});

afterAll(async () => {
  for (const name of [...workerNames(NAME, 1), NAME, ...workerNames(`${NAME}-2`, 1), `${NAME}-2`])
    await destroyMachine(name);
  await networkDown();
  await rm(home(), { recursive: true });
  await project[Symbol.asyncDispose]();
});

describe("the node stack of a local node", () => {
  const [worker = ""] = workerNames(NAME, 1);
  const nodes = async (manager: string) =>
    (await engineRequest<SwarmNode[]>(machineLayout(manager).socket, "GET", "/nodes")).body;

  it("comes up as a Swarm with its worker, and a second up finds nothing to do", async () => {
    for (const [key, value] of Object.entries({ name: NAME, memory: "2048", workers: "1" }))
      await project.succeed("config", "set", key, value);
    const { socket } = machineLayout(NAME);
    const ofWorker = machineLayout(worker).socket;
    expect(await project.outputs()).toMatchObject({
      socket: `unix://${socket}`,
      address: expect.stringMatching(/^10\.\d+\.0\.11$/),
      engineVersion: expect.stringMatching(/^26\.1/),
      capabilities: { memory: expect.any(Boolean), ipvs: expect.any(Boolean) },
      workers: [`unix://${ofWorker}`],
    });
    expect((await engineInfo(socket)).Swarm.ControlAvailable).toBe(true);
    const labels = (await nodes(NAME)).map(({ Description, Status, Spec }) => {
      return [Description?.Hostname, Status.State, Spec.Role, Spec.Labels?.[ENGINE_LABEL]];
    });
    expect(labels).toContainEqual([worker, "ready", "worker", `unix://${ofWorker}`]);
    expect(labels).toContainEqual([NAME, "ready", "manager", `unix://${socket}`]);
    expect((await project.up("--expect-no-changes", "--diff")).code).toBe(0);
  });

  it("changes Traefik in place for another base domain and more ports, and leaves nothing of the one before", async () => {
    const swarm = connect(`unix://${machineLayout(NAME).socket}`);
    const files = async () => {
      const [secrets, configs] = [await swarm.docker.listSecrets(), await swarm.docker.listConfigs()];
      return [secrets.length, configs.length];
    };
    const [before, had] = [await entryAnswering(swarm), await files()];
    await project.succeed("config", "set", "baseDomain", "apps.test");
    await project.succeed("config", "set", "entryPoints", "gitea-ssh=2222, voice=64738/udp");
    const { code, text } = await project.up();
    expect(code, text).toBe(0);
    const entry = await entryAnswering(swarm);
    expect(entry).toMatchObject({ baseDomain: "apps.test", ca: before?.ca });
    expect(entry?.entryPoints).toEqual(["web", "web-secure", "gitea-ssh", "voice"]);
    expect(await files()).toEqual(had);
    expect((await project.up("--expect-no-changes", "--diff")).code).toBe(0);
  });

  it("changes the running machine's memory in place, and leaves none of a worker that is given up", async () => {
    const running = await supervision(machineLayout(NAME));
    await project.succeed("config", "set", "memory", "1024");
    await project.succeed("config", "set", "workers", "0");
    const { code, text } = await project.up();
    expect(code, text).toBe(0);
    expect(await supervision(machineLayout(NAME))).toEqual(running);
    expect(await machineLeftovers(worker)).toEqual([]);
    expect((await nodes(NAME)).map(({ Description }) => Description?.Hostname)).toEqual([NAME]);
  });

  it("moves to machines of another name by destroying the old one first", async () => {
    for (const key of ["baseDomain", "entryPoints"]) await project.succeed("config", "rm", key);
    await project.succeed("config", "set", "name", `${NAME}-2`);
    await project.succeed("config", "set", "workers", "1");
    expect(await project.outputs()).toMatchObject({ socket: `unix://${machineLayout(`${NAME}-2`).socket}` });
    expect(await machineLeftovers(NAME)).toEqual([]);
    expect((await engineInfo(machineLayout(`${NAME}-2`).socket)).Swarm.ControlAvailable).toBe(true);
    expect(await entryAnswering(connect(`unix://${machineLayout(`${NAME}-2`).socket}`))).toBeDefined();
  });

  it("is destroyed without a trace, its worker too", async () => {
    await project.succeed("destroy", "--yes", "--skip-preview");
    for (const name of [`${NAME}-2`, ...workerNames(`${NAME}-2`, 1)]) expect(await machineLeftovers(name)).toEqual([]);
    expect(await networkLeftovers(bridgeName())).toEqual([]);
    expect(await hostInventory()).toEqual(before);
  });
});

describe("the node stack with an existing engine", () => {
  const layout = () => machineLayout(NAME);
  const proxy = () => engineRequest<{ Driver: string }>(layout().socket, "GET", "/networks/proxy");

  beforeAll(async () => {
    // A machine plays the engine of others: up, but in no Swarm.
    const { address } = await nodeMachineUp({ name: NAME, memoryMiB: 2048, cpus: 2 }, silent);
    await project.succeed("config", "set", "entryAddress", address);
    process.env.DOCKER_HOST = `unix://${layout().socket}`;
    await project.succeed("config", "set", "node", "existing");
  });

  afterAll(() => {
    delete process.env.DOCKER_HOST;
  });

  it("refuses an engine outside a Swarm, says what to do, and does nothing to it", async () => {
    const { code, text } = await project.up();
    expect(code).not.toBe(0);
    expect(text).toContain("not in a Swarm");
    expect(text).toContain("initSwarm");
    expect((await engineInfo(layout().socket)).Swarm.LocalNodeState).toBe("inactive");
  });

  it("makes a Swarm and the network proxy when told to, and finds nothing to do the second time", async () => {
    await project.succeed("config", "set", "initSwarm", "true");
    expect(await project.outputs()).toMatchObject({ socket: `unix://${layout().socket}` });
    expect((await engineInfo(layout().socket)).Swarm.ControlAvailable).toBe(true);
    expect((await proxy()).body.Driver).toBe("overlay");
    const entry = await entryAnswering(connect(`unix://${layout().socket}`));
    expect(entry?.port).toBeGreaterThan(443);
    expect((await project.up("--expect-no-changes", "--diff")).code).toBe(0);
  });

  it("takes its network away again, and leaves the Swarm and the machine alone", async () => {
    const running = present(await supervision(layout()), "who runs the machine");
    await project.succeed("destroy", "--yes", "--skip-preview");
    expect(await leaderPid(running)).toBeDefined();
    expect((await proxy()).status).toBe(404);
    for (const kind of ["services", "secrets", "configs"])
      expect((await engineRequest(layout().socket, "GET", `/${kind}`)).body).toEqual([]);
    expect((await engineInfo(layout().socket)).Swarm.LocalNodeState).toBe("active");
  });
});
