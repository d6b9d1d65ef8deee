import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stackFile } from "../../engine/stack-file.ts";
import { inventory } from "../../swarm/inventory.ts";
import { testSwarm } from "./swarm-fixture.ts";
import { TypedPulumi } from "./typed-pulumi.ts";

async function up(pulumi: TypedPulumi, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await pulumi.up(...args);
  expect(code, stdout + stderr).toBe(0);
  return stdout + stderr;
}

async function end(pulumi: TypedPulumi): Promise<void> {
  await pulumi.destroy();
  await pulumi.type("stack", "rm", pulumi.stack, "--yes", "--force");
  await rm(stackFile(pulumi.stack), { force: true });
}

describe("a recipe's stack, driven with pulumi by hand", () => {
  let pulumi: TypedPulumi;
  beforeAll(async () => {
    pulumi = await TypedPulumi.init(`pr-custom-html-by-hand-${process.pid}`, { recipe: "custom-html" });
  });

  afterAll(() => end(pulumi));

  test("up installs and checks; a second up plans no change; an upgrade changes in place; destroy leaves nothing", async () => {
    const swarm = await testSwarm();
    expect(await up(pulumi)).not.toMatch(/warning/i);
    const ours = async () => (await inventory(swarm)).entries.filter((entry) => entry.run === pulumi.stack);
    const installed = await ours();
    expect(installed.map((entry) => entry.kind)).toContain("service");

    await up(pulumi, "--expect-no-changes");

    await pulumi.succeed("config", "set", "phase", "upgrade", "-s", pulumi.stack);
    await up(pulumi);
    const services = (entries: typeof installed) =>
      entries.filter(({ kind }) => kind === "service").map(({ id }) => id);
    expect(services(await ours()).sort()).toEqual(services(installed).sort());

    const destroyed = await pulumi.destroy();
    expect(destroyed.code, destroyed.stdout + destroyed.stderr).toBe(0);
    expect((await ours()).filter(({ kind }) => kind !== "task" && kind !== "container")).toEqual([]);
  });
});
