import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { projectPath } from "../../lib/project.ts";
import { newSshKey } from "../../nodes/hetzner/ssh-keys.ts";
import { ensurePulumi } from "../../pulumi/locate.ts";
import { COMMON_PLUGINS } from "../../pulumi/versions.ts";
import { TestProject } from "../live/pulumi-project.ts";
import { ask, TOKEN } from "./api-client.ts";
import { tooManyRequests } from "./emulator/controls.ts";
import { Emulator } from "./emulator/emulator.ts";
import type { Project } from "./emulator/project.ts";
import { recordingMachines } from "./emulator/recording-machines.ts";
import { writeExample } from "./example-project.ts";
import type { Example } from "./example-stack.ts";

const PUBLIC_KEY = newSshKey().public;

let emulator: Emulator;
let project: Project;
let pulumi: TestProject;

const write = (different: Partial<Example> = {}) => writeExample(pulumi, emulator, PUBLIC_KEY, different);

async function destroyed(): Promise<string[]> {
  const { code, stdout } = await pulumi.pulumi(["destroy", "--yes", "--skip-preview"]);
  expect(code, stdout).toBe(0);
  return project.leftovers();
}

beforeAll(() => ensurePulumi({ onProgress: () => undefined, plugins: [...COMMON_PLUGINS, "hcloud"] }));

beforeEach(async () => {
  emulator = await Emulator.start(recordingMachines().machines);
  project = emulator.addProject(TOKEN);
  pulumi = await TestProject.create("");
});

afterEach(async () => {
  await pulumi?.[Symbol.asyncDispose]();
  expect(emulator.world.troubles).toEqual([]);
  expect(emulator.requests.filter(({ status }) => status === 500)).toEqual([]);
  await emulator[Symbol.asyncDispose]();
});

describe("the provider that nodes are made with", () => {
  it("makes one of each kind, finds nothing to change, changes, and leaves nothing", async () => {
    await write();
    await pulumi.succeed("up", "--yes", "--skip-preview");
    expect(project.leftovers().map((one) => one.split(" ")[0])).toEqual([
      ...["ssh_key", "network", "firewall", "placement_group", "primary_ip", "primary_ip"],
      ...["server", "server", "volume", "zone"],
    ]);
    await pulumi.succeed("up", "--yes", "--expect-no-changes");
    await pulumi.succeed("refresh", "--yes", "--skip-preview", "--expect-no-changes");

    const other = {
      labels: { "managed-by": "recipe-ci", stage: "two" },
      ports: ["22"],
      second: "198.51.100.8",
      serverType: "cx33",
    };
    await write(other);
    const changed = await pulumi.succeed("up", "--yes", "--skip-preview");
    expect(changed).not.toMatch(/replaced|deleted/);
    const { body } = await ask(emulator, "GET /servers?label_selector=stage%3Dtwo&sort=name");
    expect(body.servers.map((one: { server_type: { name: string } }) => one.server_type.name)).toEqual([
      "cx33",
      "cx33",
    ]);
    await pulumi.succeed("up", "--yes", "--expect-no-changes");

    await write({ ...other, servers: ["manager"] });
    await pulumi.succeed("up", "--yes", "--skip-preview");
    expect(project.servers.all().map(({ name }) => name)).toEqual(["manager"]);
    expect(await destroyed()).toEqual([]);
  });

  it("asks again when it asked too often, and waits for what is locked", async () => {
    emulator.controls.refuseNext(2, tooManyRequests(1), (request) => request === "POST /networks");
    emulator.controls.slow("create_volume", 300);
    await write();
    await pulumi.succeed("up", "--yes", "--skip-preview");
    expect(emulator.requests.filter(({ status }) => status === 429)).toHaveLength(2);
    expect(await destroyed()).toEqual([]);
  });

  it("says why a server can't be had, and takes away what it had made", async () => {
    emulator.controls.sellOut("cx23", "fsn1");
    await write();
    const refused = await pulumi.up();
    expect(refused.code).not.toBe(0);
    expect(refused.text).toContain("resource_unavailable");
    emulator.controls.restock("cx23", "fsn1");
    emulator.controls.failNext("create_server", "placement_error", "no room for one more");
    const failed = await pulumi.up();
    expect(failed.code).not.toBe(0);
    expect(failed.text).toContain("no room for one more");
    expect(await destroyed()).toEqual([]);
  });

  it("finds what can be ordered, and what is there by its labels", async () => {
    for (const [name, owner] of [
      ["ours", "recipe-ci"],
      ["others", "somebody"],
    ])
      await ask(emulator, "POST /networks", { name, ip_range: "10.0.0.0/16", labels: { "managed-by": owner } });
    const from = JSON.stringify(projectPath("tests/hetzner/example-lookups.ts"));
    const call = `exampleLookups(${JSON.stringify(emulator.endpoint)}, ${JSON.stringify(TOKEN)})`;
    await pulumi.write(`import { exampleLookups } from ${from};\nexport const found = ${call};\n`);
    const { found } = await pulumi.outputs();
    expect(found).toEqual({
      cx23: { cores: 2, memory: 4, locations: ["fsn1", "nbg1", "hel1"] },
      locations: expect.arrayContaining(["fsn1 eu-central", "ash us-east"]),
      image: "debian-13 arm",
      networks: ["ours"],
    });
  });

  it("says that a token is wrong", async () => {
    await write({ token: "w".repeat(64) });
    const refused = await pulumi.up();
    expect(refused.code).not.toBe(0);
    expect(refused.text).toContain("unauthorized");
    expect(await destroyed()).toEqual([]);
  });
});
