import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stackFile } from "../../engine/stack-file.ts";
import { inventory } from "../../swarm/inventory.ts";
import { recipeCi } from "./cli.ts";
import { testSwarm } from "./swarm-fixture.ts";

const STACK = "pr-custom-html-by-hand";

describe("a recipe's stack, driven with pulumi by hand", () => {
  beforeAll(async () => {
    const created = await recipeCi("pulumi", "stack", "init", STACK, "--non-interactive");
    expect(created.code, created.stderr).toBe(0);
    await recipeCi("pulumi", "config", "set", "recipe", "custom-html", "-s", STACK);
  });

  afterAll(async () => {
    await recipeCi("pulumi", "destroy", "-s", STACK, "--yes", "--skip-preview", "--non-interactive");
    await recipeCi("pulumi", "stack", "rm", "-s", STACK, "--yes", "--force", "--non-interactive");
    await rm(stackFile(STACK), { force: true });
  });

  test("up installs and checks; a second up plans no change; an upgrade changes in place; destroy leaves nothing", async () => {
    const swarm = await testSwarm();
    const up = await recipeCi("pulumi", "up", "-s", STACK, "--yes", "--skip-preview", "--non-interactive");
    expect(up.code, up.stdout + up.stderr).toBe(0);
    expect(up.stdout + up.stderr).not.toMatch(/warning/i);
    const ours = async () => (await inventory(swarm)).entries.filter((entry) => entry.run === STACK);
    const installed = await ours();
    expect(installed.map((entry) => entry.kind)).toContain("service");

    const again = await recipeCi(
      "pulumi",
      "up",
      "-s",
      STACK,
      "--yes",
      "--skip-preview",
      "--expect-no-changes",
      "--non-interactive",
    );
    expect(again.code, again.stdout + again.stderr).toBe(0);

    await recipeCi("pulumi", "config", "set", "phase", "upgrade", "-s", STACK);
    const upgrade = await recipeCi("pulumi", "up", "-s", STACK, "--yes", "--skip-preview", "--non-interactive");
    expect(upgrade.code, upgrade.stdout + upgrade.stderr).toBe(0);
    const services = (entries: typeof installed) =>
      entries.filter(({ kind }) => kind === "service").map(({ id }) => id);
    expect(services(await ours()).sort()).toEqual(services(installed).sort());

    const destroyed = await recipeCi("pulumi", "destroy", "-s", STACK, "--yes", "--skip-preview", "--non-interactive");
    expect(destroyed.code, destroyed.stdout + destroyed.stderr).toBe(0);
    expect((await ours()).filter(({ kind }) => kind !== "task" && kind !== "container")).toEqual([]);
  });
});
