import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exec, run } from "../../lib/exec.ts";
import { ensurePulumi } from "../../pulumi/locate.ts";
import { copyCheckout } from "./checkout.ts";

const { RECIPE_CI_PROOF } = process.env;
const UP = ["up", "--yes", "--skip-preview"];
let folder: string;
let checkout: string;
let pulumi: (...args: string[]) => Promise<{ code: number; text: string }>;

beforeAll(async () => {
  const built = await ensurePulumi({ onProgress: () => undefined });
  folder = mkdtempSync(join(tmpdir(), "recipe-ci-tracked-"));
  checkout = join(folder, "checkout");
  mkdirSync(join(folder, "state"));
  await copyCheckout(checkout);
  const env = {
    ...process.env,
    ...built.env,
    RECIPE_CI_NODE: process.execPath,
    RECIPE_CI_ROOT: checkout,
    RECIPE_CI_HOME: join(folder, "home"),
    PULUMI_BACKEND_URL: pathToFileURL(join(folder, "state")).href,
    PULUMI_CONFIG_PASSPHRASE: "its own",
  };
  pulumi = async (...args) => {
    const argv = [join(built.root, "bin", "pulumi"), ...args, "--non-interactive"] as const;
    const { code, stdout, stderr } = await run(argv, { cwd: checkout, env });
    return { code, text: stdout + stderr };
  };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// The one with settings in the repository, the node's and a recipe's.
describe.each(RECIPE_CI_PROOF ? ["ci", "local", "pr-new"] : ["ci"])("bare pulumi on stack %s", (stack) => {
  test("changes nothing that git tracks, from init to rm", async () => {
    const steps = [
      ["stack", "init", stack],
      ["stack", "select", stack],
      ["config", "set", "node", "hetzner", "-s", stack],
      ...(RECIPE_CI_PROOF ? [["preview", "-s", stack]] : []),
      [...UP, "-s", stack],
      ["destroy", "--yes", "--skip-preview", "-s", stack],
      ["stack", "rm", stack, "--yes"],
    ];
    for (const step of steps) {
      const { code, text } = await pulumi(...step);
      // Nobody has a token here, which the program says.
      if (step[0] === "up" || step[0] === "preview") expect(text).toContain("HCLOUD_TOKEN");
      else expect(code, text).toBe(0);
      expect(await exec(["git", "status", "--porcelain"], { cwd: checkout }), step.join(" ")).toBe("");
    }
  });
});

describe("what the project ships for a stack", () => {
  test("is what its program reads, until its settings say otherwise", async () => {
    expect((await pulumi("stack", "init", "ci")).code).toBe(0);
    expect((await pulumi("preview", "-s", "ci")).text).toContain("HCLOUD_TOKEN");
    expect((await pulumi("config", "set", "node", "hetzer", "-s", "ci")).code).toBe(0);
    expect((await pulumi("preview", "-s", "ci")).text).toContain('there is no kind of node "hetzer"');
  });
});
