import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ExecResult, exec, run } from "../../lib/exec.ts";
import { home } from "../../lib/home.ts";
import { PROXY_NETWORK } from "../../machine/swarm.ts";
import type { Swarm } from "../../swarm/client.ts";
import { copyCheckout } from "./checkout.ts";
import { testSwarm } from "./swarm-fixture.ts";

let folder: string;
let checkout: string;
let swarm: Swarm;
let dockerHost: string;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  swarm = await testSwarm();
  dockerHost = swarm.host;
  folder = mkdtempSync(join(tmpdir(), "recipe-ci-shared-"));
  checkout = join(folder, "checkout");
  await copyCheckout(checkout);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(() => {
  rmSync(localSettings(), { force: true });
  const own = mkdtempSync(join(folder, "home-"));
  symlinkSync(home("engine"), join(own, "engine"));
  // A home where only what every stack needs was ever made. Pulumi takes folders for plugins, links to them not.
  for (const plugin of ["resource-docker-v5.2.0", "resource-command-v1.2.1"]) {
    const place = join(own, "pulumi/plugins", plugin);
    mkdirSync(place, { recursive: true });
    for (const file of readdirSync(home("pulumi/plugins", plugin)))
      symlinkSync(home("pulumi/plugins", plugin, file), join(place, file));
  }
  environment = { ...process.env, RECIPE_CI_HOME: own, RECIPE_CI_ENGINE: "built", DOCKER_HOST: dockerHost };
  for (const name of Object.keys(environment)) if (name.startsWith("PULUMI_")) delete environment[name];
});

/** `recipe-ci` in the checkout, which must succeed. */
async function ours(...args: string[]): Promise<string> {
  return succeeded(await run([process.execPath, "cli/main.ts", ...args], { cwd: checkout, env: environment }));
}

/** Pulumi as somebody calls it who has it: with a state, a home and a passphrase of their own. */
async function bare(...args: string[]): Promise<string> {
  const state = join(folder, `bare-${String(environment.RECIPE_CI_HOME).slice(-6)}`);
  mkdirSync(state, { recursive: true });
  const env = {
    ...environment,
    RECIPE_CI_NODE: process.execPath,
    RECIPE_CI_ROOT: checkout,
    PULUMI_HOME: join(String(environment.RECIPE_CI_HOME), "pulumi"),
    PULUMI_BACKEND_URL: pathToFileURL(state).href,
    PULUMI_CONFIG_PASSPHRASE: "of somebody else",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
  const argv = [home("engine", "built", "bin", "pulumi"), ...args, "--non-interactive"] as const;
  return succeeded(await run(argv, { cwd: checkout, env }));
}

function succeeded({ code, stdout, stderr }: ExecResult): string {
  expect(code, stdout + stderr).toBe(0);
  return stdout;
}

const localSettings = () => join(checkout, ".stacks", "Pulumi.local.yaml");
const settings = () => readFileSync(localSettings(), "utf8");
const UP = ["--yes", "--skip-preview", "--non-interactive"];

/** What `npm start` does for the node, in a process of its own. */
async function nodeUp(): Promise<string> {
  const code = `
    const { readyPulumi } = await import("./cli/node.ts");
    const { nodeUp } = await import("./cli/node-stack.ts");
    const { ProgressPrinter } = await import("./cli/progress.ts");
    const progress = new ProgressPrinter();
    const signal = new AbortController().signal;
    await nodeUp({ stack: "local", pulumi: await readyPulumi(progress), onStep: progress.step, signal });
  `;
  return succeeded(
    await run([process.execPath, "--input-type=module", "-e", code], { cwd: checkout, env: environment }),
  );
}

async function selection(): Promise<string | undefined> {
  const stacks = JSON.parse(await ours("pulumi", "stack", "ls", "--json")) as { name: string; current: boolean }[];
  return stacks.find(({ current }) => current)?.name;
}

describe("a checkout that bare Pulumi and recipe-ci share", () => {
  test("bare Pulumi first: ours works with its own passphrase, and leaves the other's", async () => {
    await bare("stack", "init", "local");
    await bare("config", "set", "node", "existing", "-s", "local");
    const before = settings();
    expect(before).toContain("encryptionsalt: ");
    await nodeUp();
    expect(settings()).toBe(before);
    await ours("pulumi", "up", "-s", "local", ...UP);
    expect(settings().split("\n").sort()).toEqual(before.split("\n").sort());
    expect(await bare("config", "get", "node", "-s", "local")).toBe("existing\n");
  });

  test("ours first: bare Pulumi takes its own passphrase, and ours goes on working", async () => {
    await ours("pulumi", "config", "set", "node", "existing", "-s", "local");
    await nodeUp();
    await ours("pulumi", "up", "-s", "local", ...UP);
    expect(settings()).toBe("config:\n  recipe-ci:node: existing\n");
    await bare("stack", "init", "local");
    await bare("up", "-s", "local", "--yes", "--skip-preview");
    await ours("pulumi", "up", "-s", "local", ...UP, "--expect-no-changes", "--diff");
    await ours("pulumi", "destroy", "-s", "local", ...UP);
    // The node neither made that network nor takes it away.
    expect((await swarm.docker.listNetworks()).map(({ Name }) => Name)).toContain(PROXY_NETWORK);
    await ours("pulumi", "stack", "rm", "local", "--yes", "--preserve-config", "--non-interactive");
  });

  test("a secret in the settings keeps its salt, and one of another passphrase is refused with what to do", async () => {
    await ours("pulumi", "config", "set", "--secret", "aws:token", "x", "-s", "local");
    expect(settings()).toContain("encryptionsalt: ");
    expect(await ours("pulumi", "config", "get", "aws:token", "-s", "local")).toBe("x\n");
    const env = { ...environment, PULUMI_CONFIG_PASSPHRASE: "another" };
    const args = ["cli/main.ts", "pulumi", "config", "-s", "local"];
    const refused = await run([process.execPath, ...args], { cwd: checkout, env });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      /^error: \S+Pulumi\.local\.yaml: its secrets were encrypted with another passphrase\n/,
    );
    expect(await ours("pulumi", "config", "get", "aws:token", "-s", "local")).toBe("x\n");
  });

  test.runIf(process.env.RECIPE_CI_PROOF)(
    "what selects is stack select and stack init, nothing else; a preview needs no plugin of the cloud",
    async () => {
      expect(await selection()).toBeUndefined();
      await ours("pulumi", "config", "set", "node", "existing", "-s", "local");
      await nodeUp();
      await ours("pulumi", "up", "-s", "local", ...UP);
      expect(await selection()).toBeUndefined();
      await ours("pulumi", "stack", "init", "pr-1", "--non-interactive");
      await ours("pulumi", "config", "set", "recipe", "custom-html");
      await ours("pulumi", "config", "set", "dockerHost", dockerHost);
      await ours("pulumi", "preview", "-s", "local", "--non-interactive");
      await nodeUp();
      expect(await selection()).toBe("pr-1");
      await ours("pulumi", "preview", "--non-interactive");
      await ours("pulumi", "stack", "select", "local");
      expect(await selection()).toBe("local");
    },
  );

  test("nothing that git tracks has changed", async () => {
    expect(await exec(["git", "status", "--porcelain"], { cwd: checkout })).toBe("");
  });
});
