import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { checkToken } from "../../nodes/hetzner/check-token.ts";
import { checkZone } from "../../nodes/hetzner/check-zone.ts";
import { ordersOf } from "../../nodes/hetzner/choose-servers.ts";
import { ensurePulumi } from "../../pulumi/locate.ts";
import { stackFile } from "../../pulumi/stack-file.ts";
import { COMMON_PLUGINS } from "../../pulumi/versions.ts";
import { recipeCi } from "../live/cli.ts";
import { ownHome } from "../live/own-home.ts";
import { ask, TOKEN } from "./api-client.ts";
import { serviceUnavailable, tooManyRequests } from "./emulator/controls.ts";
import { Emulator } from "./emulator/emulator.ts";
import type { Project } from "./emulator/project.ts";
import { recordingMachines } from "./emulator/recording-machines.ts";
import { NodeStack, succeeded } from "./node-stack.ts";

/** A token that may not make anything. */
const READING = "r".repeat(64);
const WANTED = { locations: ["nbg1", "fsn1"], serverTypes: ["cx33", "cpx32", "cx43"], workers: 0 };

let place: AsyncDisposable;
let emulator: Emulator;
let project: Project;
let stack: NodeStack;

beforeAll(async () => {
  await ensurePulumi({ onProgress: () => undefined, plugins: [...COMMON_PLUGINS, "hcloud"] });
  place = await ownHome("hetzner");
  stack = await NodeStack.create("hetzner-refused");
});

beforeEach(async () => {
  emulator = await Emulator.start(recordingMachines().machines);
  project = emulator.addProject(TOKEN);
  emulator.addToken(READING, project, "read");
  vi.stubEnv("HCLOUD_TOKEN", TOKEN);
  await stack.settle(emulator);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await emulator?.[Symbol.asyncDispose]();
});

afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  await place?.[Symbol.asyncDispose]();
});

const access = (token = TOKEN) => ({ endpoint: emulator.endpoint, token });

/** Requests that would have made something. */
function orders(): string[] {
  return emulator.requests.filter(({ method, status }) => method === "POST" && status < 300).map(({ path }) => path);
}

describe("what is asked of Hetzner before a node is made", () => {
  it("is which server can be ordered, the first of the lists", async () => {
    emulator.controls.sellOut("cx33", "nbg1");
    emulator.controls.sellOut("cpx32", "nbg1");
    const first = async () => (await ordersOf(access(), WANTED, stack.name)).orders;
    expect(await first()).toMatchObject([{ serverType: "cx43", location: "nbg1" }]);
    emulator.controls.sellOut("cx43", "nbg1");
    expect(await first()).toMatchObject([{ serverType: "cx33", location: "fsn1" }]);
  });

  it("is refused where nothing of the lists can be ordered, with what can", async () => {
    emulator.controls.sellOut("cx33", "fsn1");
    const wanted = { ...WANTED, locations: ["fsn1"], serverTypes: ["cx33", "cx22"] };
    await expect(ordersOf(access(), wanted, stack.name)).rejects.toMatchObject({
      message: "no server of cx33, cx22 can be ordered in fsn1 now",
      remedy: expect.stringMatching(/add one that can: .*cx23/),
    });
  });

  it.each([
    ["that opens nothing", "y".repeat(64), "opens no project at Hetzner"],
    ["that may only read", READING, "may only read"],
  ])("is refused for a token %s", async (_which, token, sentence) => {
    const refusal = expect.objectContaining({
      message: expect.stringContaining(sentence),
      place: { key: "recipe-ci:token" },
    });
    await expect(checkToken(access(token))).rejects.toEqual(refusal);
    expect(orders()).toEqual([]);
  });

  it("is borne with an API that is down for a moment, or has had enough of us", async () => {
    emulator.controls.refuseFor(1500, serviceUnavailable());
    emulator.controls.refuseNext(2, tooManyRequests(1), (request) => request === "GET /server_types");
    await checkToken(access());
    expect((await ordersOf(access(), WANTED, stack.name)).orders).toHaveLength(1);
  });

  it("is the zone, which the project has to keep", async () => {
    await ask(emulator, "POST /zones", { name: "example.org", mode: "primary" });
    await checkZone(access(), "example.org");
    await expect(checkZone(access(), "example.net")).rejects.toThrow("the project has no zone example.net");
  });
});

/** That the stack asks all of it: each once, since every `up` starts a handful of programs. */
describe("a node at Hetzner", () => {
  it("is shown by preview with what would be taken", async () => {
    emulator.controls.sellOut("cx33", "nbg1");
    emulator.controls.sellOut("cpx32", "nbg1");
    await ask(emulator, "POST /zones", { name: "example.org", mode: "primary" });
    for (const [key, value] of Object.entries({ workers: "1", volume: "10", zone: "example.org", ttl: "1 h" }))
      await stack.set(key, value);
    const made = orders().length;
    const said = succeeded(await stack.preview());
    expect(said).toContain("the first that can be ordered: cx43 in nbg1");
    for (const [kind, name] of [
      ["Server", "node-server"],
      ["PrimaryIp", "node-address"],
      ["VolumeAttachment", "node-worker-1-volume"],
      ["ZoneRrset", "node-wildcard"],
      ["Rdns", "node-pointer"],
    ])
      expect(said).toMatch(new RegExp(`hcloud:index:${kind}\\s+${name}\\s+create`));
    expect(orders()).toHaveLength(made);
  });

  it("is refused for a zone that the project does not keep, before anything is made", async () => {
    await stack.set("zone", "example.net");
    const { code, stdout } = await stack.up();
    expect(code).not.toBe(0);
    expect(stdout).toContain("recipe-ci:zone: the project has no zone example.net");
    expect(orders()).toEqual([]);
  });

  it("is refused with a token that everybody may read", async () => {
    const token = "w".repeat(64);
    emulator.addToken(token, project);
    await stack.set("token", token);
    for (const { code, stdout, stderr } of [await stack.up(), await recipeCi("cost", "-s", stack.name)]) {
      expect(code).not.toBe(0);
      expect(stdout + stderr).toContain("recipe-ci:token: is no secret");
      expect(stdout + stderr).not.toContain(token);
    }
    expect(orders()).toEqual([]);
  });

  it("is brought up by a run with the token in the stack's settings, which stays secret there", async () => {
    vi.stubEnv("HCLOUD_TOKEN", undefined);
    vi.stubEnv("RECIPE_CI_NODE_STACK", stack.name);
    await stack.setSecret("token", READING);
    const { code, stdout, stderr } = await recipeCi("run", "custom-html");
    expect(code).not.toBe(0);
    expect(stderr).toContain("recipe-ci:token: may only read");
    expect(stdout + stderr).not.toContain(READING);
    expect(await readFile(stackFile(stack.name), "utf8")).not.toContain(READING);
    expect(orders()).toEqual([]);
  });

  it("whose server can't be made leaves nothing, not even where it is kept until told otherwise, nor takes another's", async () => {
    await stack.set("protect", "true");
    await stack.set("volume", "10");
    emulator.controls.failNext("attach_volume");
    await stack.up();
    const all = project.leftovers();
    const kept = await stack.destroy();
    expect(kept.code).not.toBe(0);
    expect(kept.stdout).toContain("because it is protected");
    expect(project.leftovers()).toEqual(all);
    {
      // One of that name in another state. Hetzner's word for a lack of room would have another up follow, which waits
      // for a server that never boots here.
      await using _ = await ownHome("hetzner-other");
      const other = await NodeStack.create(stack.name);
      await other.settle(emulator);
      emulator.controls.failNext("create_server", "action_failed", "no host has room");
      const { code, stdout } = await other.up();
      expect(code).not.toBe(0);
      expect(stdout).toContain("no host has room");
      expect(project.leftovers().length).toBeGreaterThan(all.length);
      succeeded(await other.destroy());
    }
    expect(project.leftovers()).toEqual(all);
    await stack.settle(emulator);
    await stack.set("volume", "10");
    await stack.set("protect", "false");
    emulator.controls.failNext("attach_volume");
    await stack.up();
    succeeded(await stack.destroy());
    expect(project.leftovers()).toEqual([]);
  });
});
