import { readFile } from "node:fs/promises";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
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

let place: AsyncDisposable;
let emulator: Emulator;
let project: Project;
let stack: NodeStack;

beforeAll(async () => {
  await ensurePulumi({ onProgress: () => undefined, plugins: [...COMMON_PLUGINS, "hcloud"] });
});

beforeEach(async () => {
  place = await ownHome("hetzner");
  emulator = await Emulator.start(recordingMachines().machines);
  project = emulator.addProject(TOKEN);
  vi.stubEnv("HCLOUD_TOKEN", TOKEN);
  stack = await NodeStack.create("hetzner-refused", emulator);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await stack?.[Symbol.asyncDispose]();
  await emulator?.[Symbol.asyncDispose]();
  await place?.[Symbol.asyncDispose]();
});

/** Requests that would have made something. */
function orders(): string[] {
  return emulator.requests.filter(({ method, status }) => method === "POST" && status < 300).map(({ path }) => path);
}

describe("a node at Hetzner", () => {
  it("is shown by preview with what would be taken, the first of the lists that can be ordered", async () => {
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
    emulator.controls.sellOut("cx43", "nbg1");
    expect(succeeded(await stack.preview())).toContain("the first that can be ordered: cx33 in fsn1");
    expect(orders()).toHaveLength(made);
  });

  it("is refused for a zone that the project does not keep, before anything is made", async () => {
    await stack.set("zone", "example.net");
    const { code, stdout } = await stack.up();
    expect(code).not.toBe(0);
    expect(stdout).toContain("recipe-ci:zone: the project has no zone example.net");
    expect(orders()).toEqual([]);
  });

  it("is kept by Hetzner where it is told to, until it is told otherwise", async () => {
    await stack.set("protect", "true");
    await stack.set("volume", "10");
    emulator.controls.failNext("attach_volume");
    await stack.up();
    const all = project.leftovers();
    const { code, stdout } = await stack.destroy();
    expect(code).not.toBe(0);
    expect(stdout).toContain("because it is protected");
    expect(project.leftovers()).toEqual(all);
    await stack.set("protect", "false");
    emulator.controls.failNext("attach_volume");
    await stack.up();
    succeeded(await stack.destroy());
    expect(project.leftovers()).toEqual([]);
  });

  it("is refused where nothing of the lists can be ordered, with what can", async () => {
    await stack.set("locations", "fsn1");
    await stack.set("serverTypes", "cx33, cx22");
    emulator.controls.sellOut("cx33", "fsn1");
    const { code, stdout } = await stack.up();
    expect(code).not.toBe(0);
    expect(stdout).toContain("no server of cx33, cx22 can be ordered in fsn1 now");
    expect(stdout).toMatch(/remedy: add one that can: .*cx23/);
    expect(orders()).toEqual([]);
  });

  it.each([
    ["that opens nothing", "y".repeat(64), "recipe-ci:token: opens no project at Hetzner"],
    ["that may only read", "r".repeat(64), "recipe-ci:token: may only read"],
  ])("is refused for a token %s, before anything is made", async (_which, token, sentence) => {
    emulator.addToken("r".repeat(64), project, "read");
    vi.stubEnv("HCLOUD_TOKEN", token);
    const { code, stdout, stderr } = await stack.up();
    expect(code).not.toBe(0);
    expect(stdout).toContain(sentence);
    expect(stdout + stderr).not.toContain(token);
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
  });

  it("is brought up by a run with the token in the stack's settings, which stays secret there", async () => {
    const token = "r".repeat(64);
    emulator.addToken(token, project, "read");
    vi.stubEnv("HCLOUD_TOKEN", undefined);
    vi.stubEnv("RECIPE_CI_NODE_STACK", stack.name);
    await stack.setSecret("token", token);
    const { code, stderr } = await recipeCi("run", "custom-html");
    expect(code).not.toBe(0);
    expect(stderr).toContain("recipe-ci:token: may only read");
    expect(stderr).not.toContain(token);
    expect(await readFile(stackFile(stack.name), "utf8")).not.toContain(token);
  });

  it("is previewed by an API that is down for a moment, or has had enough of us", async () => {
    emulator.controls.refuseFor(1500, serviceUnavailable());
    emulator.controls.refuseNext(2, tooManyRequests(1), (request) => request === "GET /server_types");
    succeeded(await stack.preview());
  });

  it("whose server can't be made fails with Hetzner's reason, and leaves nothing", async () => {
    // Hetzner's word for a lack of room would have another up follow, which waits for a server that never boots here.
    emulator.controls.failNext("create_server", "action_failed", "no host has room");
    const { code, stdout } = await stack.up();
    expect(code).not.toBe(0);
    expect(stdout).toContain("no host has room");
    expect(project.leftovers()).not.toEqual([]);
    succeeded(await stack.destroy());
    expect(project.leftovers()).toEqual([]);
  });

  it("takes away what is its own alone, beside one of that name in another state", async () => {
    emulator.controls.failNext("create_server");
    await stack.up();
    const one = project.leftovers().length;
    {
      await using _ = await ownHome("hetzner-other");
      const other = await NodeStack.create(stack.name, emulator);
      emulator.controls.failNext("create_server");
      await other.up();
      expect(project.leftovers()).toHaveLength(2 * one);
      succeeded(await other.destroy());
    }
    expect(project.leftovers()).toHaveLength(one);
    succeeded(await stack.destroy());
    expect(project.leftovers()).toEqual([]);
  });
});
