import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ensureEngine } from "../../engine/locate.ts";
import { COMMON_PLUGINS } from "../../engine/versions.ts";
import type { ExecResult } from "../../lib/exec.ts";
import { serversOf } from "../../nodes/hetzner/server-access.ts";
import { connect } from "../../swarm/client.ts";
import { swarmNodes } from "../../swarm/engines.ts";
import { TOKEN } from "./api-client.ts";
import { Emulator } from "./emulator/emulator.ts";
import type { Project } from "./emulator/project.ts";
import { ownPlace } from "./machines/own-place.ts";
import { RealMachines } from "./machines/real-machines.ts";
import { leftovers } from "./machines/sweep.ts";
import { NodeStack } from "./node-stack.ts";

let place: AsyncDisposable;
let machines: RealMachines;
let emulator: Emulator;
let project: Project;
let stack: NodeStack;

function succeeded({ code, stdout, stderr }: ExecResult): string {
  if (code !== 0) throw new Error(`exit code ${code}\n${stdout}\n${stderr}`);
  return stdout + stderr;
}

beforeAll(async () => {
  await ensureEngine({ onProgress: () => undefined, plugins: [...COMMON_PLUGINS, "hcloud"] });
  place = await ownPlace();
  machines = await RealMachines.start();
  emulator = await Emulator.start(machines);
  project = emulator.addProject(TOKEN);
  vi.stubEnv("HCLOUD_TOKEN", TOKEN);
  stack = new NodeStack(emulator, "hetzner-test");
  succeeded(await stack.init());
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await stack?.[Symbol.asyncDispose]();
  await emulator?.[Symbol.asyncDispose]();
  await machines?.[Symbol.asyncDispose]();
  await place?.[Symbol.asyncDispose]();
});

describe("a node at Hetzner", () => {
  it("is a Swarm whose engine our client reaches by ssh", async () => {
    succeeded(await stack.up());
    const [server] = await serversOf("hetzner-test");
    const swarm = connect(`ssh://root@${server?.address}`);
    expect(await swarm.docker.info()).toMatchObject({
      Swarm: { LocalNodeState: "active", ControlAvailable: true, NodeAddr: "10.0.0.10" },
    });
    expect((await swarmNodes(swarm)).map(({ role, state }) => [role, state])).toEqual([["manager", "ready"]]);
  });

  it("is left as it is by a second up", async () => {
    expect(succeeded(await stack.up("--expect-no-changes"))).toMatch(/unchanged/);
  });

  it("leaves nothing, here or there", async () => {
    succeeded(await stack.destroy());
    expect(project.leftovers()).toEqual([]);
    expect(emulator.world.troubles).toEqual([]);
    expect(await leftovers()).toEqual([]);
    expect(await serversOf("hetzner-test")).toEqual([]);
  });
});
