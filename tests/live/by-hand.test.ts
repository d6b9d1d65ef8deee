import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inventory } from "../../swarm/inventory.ts";
import { testSwarm } from "./swarm-fixture.ts";
import { TypedPulumi } from "./typed-pulumi.ts";

describe("a recipe's stack, driven with pulumi by hand", () => {
  let pulumi: TypedPulumi;
  beforeAll(async () => {
    pulumi = await TypedPulumi.init(`pr-custom-html-by-hand-${process.pid}`, { recipe: "custom-html" });
  });

  afterAll(() => pulumi.end());

  test("up installs and checks; a second up plans no change; an upgrade changes in place; destroy leaves nothing", async () => {
    const swarm = await testSwarm();
    expect(await pulumi.upWell()).not.toMatch(/warning/i);
    const ours = async () => (await inventory(swarm)).entries.filter((entry) => entry.run === pulumi.stack);
    const installed = await ours();
    expect(installed.map((entry) => entry.kind)).toContain("service");

    await pulumi.upWell("--expect-no-changes", "--diff");

    await pulumi.succeed("config", "set", "phase", "upgrade", "-s", pulumi.stack);
    await pulumi.upWell();
    const services = (entries: typeof installed) =>
      entries.filter(({ kind }) => kind === "service").map(({ id }) => id);
    expect(services(await ours()).sort()).toEqual(services(installed).sort());

    const destroyed = await pulumi.destroy();
    expect(destroyed.code, destroyed.stdout + destroyed.stderr).toBe(0);
    expect((await ours()).filter(({ kind }) => kind !== "task" && kind !== "container")).toEqual([]);
  });
});
