import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ensurePulumi } from "../../pulumi/locate.ts";
import { COMMON_PLUGINS } from "../../pulumi/versions.ts";
import { TOKEN } from "./api-client.ts";
import type { Emulator } from "./emulator/emulator.ts";
import type { Project } from "./emulator/project.ts";
import { type LookAlike, startLookAlike } from "./look-alike.ts";
import { leftovers } from "./machines/sweep.ts";
import { NodeStack, succeeded } from "./node-stack.ts";

let lookAlike: LookAlike;
let emulator: Emulator;
let project: Project;

beforeAll(async () => {
  await ensurePulumi({ onProgress: () => undefined, plugins: [...COMMON_PLUGINS, "hcloud"] });
  lookAlike = await startLookAlike();
  ({ emulator, project } = lookAlike);
  vi.stubEnv("HCLOUD_TOKEN", TOKEN);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await lookAlike?.[Symbol.asyncDispose]();
});

async function nothingLeft(): Promise<void> {
  expect(project.leftovers()).toEqual([]);
  expect(await leftovers()).toEqual([]);
}

// Each boots a server that does not become ready: `npm run proof`.
describe.runIf(process.env.RECIPE_CI_PROOF)("a server at Hetzner", () => {
  it("whose private interface comes only with another start is started again", async () => {
    await using stack = await NodeStack.create("hetzner-late", emulator);
    emulator.controls.privateInterface = "after reboot";
    const said = succeeded(await stack.up());
    expect(said).toContain("its private address does not come, starting it again");
    emulator.controls.privateInterface = "at once";
    succeeded(await stack.destroy());
    await nothingLeft();
  });

  it("that does not become what its user data says fails with what it said last, and is taken away", async () => {
    await using stack = await NodeStack.create("hetzner-broken", emulator);
    // Docker's own packages lie where no test gets.
    await stack.set("docker", "official");
    const { code, stdout } = await stack.up();
    expect(code).not.toBe(0);
    expect(stdout).toMatch(/cloud-init failed on [\d.]+:/);
    expect(stdout).toContain("status: error");
    expect(stdout).toContain("curl:");
    succeeded(await stack.destroy());
    await nothingLeft();
  });
});
