import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../lib/clock.ts";
import { type ExecResult, run } from "../../lib/exec.ts";
import { findProgram } from "../../lib/program.ts";
import { projectPath } from "../../lib/project.ts";
import { SYSTEM_PATH } from "../../machine/host.ts";
import { machineLeftovers } from "../../machine/machine.ts";
import { stackFile } from "../../pulumi/stack-file.ts";
import { ownHome } from "../live/own-home.ts";
import { TypedPulumi } from "../live/typed-pulumi.ts";
import { hostInventory } from "./machine-host.ts";

const NAME = "broken";
const STACK = "pr-broken-node";
/** Programs of the host by which a node is made. */
const PROGRAMS = ["ip", "iptables", "mount", "systemd-nspawn"];

const { RECIPE_CI_PROOF } = process.env;
/** A step fails at every one of this many calls; `npm run proof`: at each. */
const EVERY = RECIPE_CI_PROOF ? 1 : 3;
/** At how many moments an update is killed. */
const MOMENTS = RECIPE_CI_PROOF ? 8 : 2;

let home: Awaited<ReturnType<typeof ownHome>>;
let before: string[];

beforeAll(async () => {
  home = await ownHome("broken");
  before = await hostInventory();
});

afterAll(async () => {
  await step("node end");
  await home[Symbol.asyncDispose]();
});

function step(name: string, env: NodeJS.ProcessEnv = {}): Promise<ExecResult> {
  const argv = [process.execPath, projectPath("machine/main.ts"), `--name=${NAME}`, "--memory=2048", name] as const;
  return run(argv, { env: { ...process.env, ...env } });
}

/**
 * A PATH on which the host's programs count how often they are called in all, and fail at call number `at`. That one
 * has done its work when it fails, which is the worse half-way: what is there, nobody was told of.
 */
async function failingAt(at: number): Promise<NodeJS.ProcessEnv> {
  const folder = join(home.folder, "failing");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  for (const name of PROGRAMS) {
    const real = await findProgram(name, SYSTEM_PATH);
    const text = `#!/bin/sh
echo x >> ${folder}/calls
${real} "$@" || exit
[ "$(wc -l < ${folder}/calls)" -ne ${at} ] || { echo "${name} was made to fail" >&2; exit 7; }
`;
    await writeFile(join(folder, name), text);
    await chmod(join(folder, name), 0o755);
  }
  return { PATH: `${folder}:${process.env.PATH}` };
}

/** How often they were called since {@link failingAt}. */
async function calls(): Promise<number> {
  const text = await readFile(join(home.folder, "failing", "calls"), "utf8").catch(() => "");
  return text.split("\n").length - 1;
}

describe("a step of a node that fails at one of its host commands", () => {
  it.each(["network up", "machine up"])(
    "%s: takes back what it had made, and `node end` finds nothing",
    async (name) => {
      let failed = 0;
      for (let at = 1; at === 1 || (await calls()) >= at - EVERY; at += EVERY) {
        const { code, stderr } = await step(name, await failingAt(at));
        // Some only look, and what they can't tell is done anew.
        if (code !== 0) {
          failed++;
          expect(stderr, `call ${at}`).toContain("was made to fail");
          expect(await machineLeftovers(NAME), `call ${at}`).toEqual([]);
          // A machine leaves the network to the step that made it.
          if (name === "network up") expect(await hostInventory(), `call ${at}`).toEqual(before);
        }
        const ended = await step("node end");
        expect(ended.code, ended.stderr).toBe(0);
        expect(await hostInventory(), `call ${at}`).toEqual(before);
      }
      expect(failed).toBeGreaterThan(5 / EVERY);
    },
  );
});

describe("pulumi up of a node's stack, killed", () => {
  it(`at ${MOMENTS} moments, then cancelled and destroyed: nothing is left on the host each time`, async () => {
    const pulumi = await TypedPulumi.init(STACK, { name: NAME, memory: "2048", workers: "1" });
    try {
      const start = performance.now();
      await pulumi.succeed("up", "-s", STACK, "--yes", "--skip-preview");
      const whole = performance.now() - start;
      expect((await pulumi.destroy()).code).toBe(0);
      expect(await hostInventory()).toEqual(before);

      for (let moment = 1; moment <= MOMENTS; moment++) {
        await pulumi.killedUp(() => systemClock.sleep((whole * moment) / (MOMENTS + 1)));
        await pulumi.type("cancel", STACK, "--yes");
        const { code, stdout, stderr } = await pulumi.destroy();
        expect(code, `moment ${moment}\n${stdout}\n${stderr}`).toBe(0);
        expect(await machineLeftovers(NAME), `moment ${moment}`).toEqual([]);
        expect(await hostInventory(), `moment ${moment}`).toEqual(before);
      }
    } finally {
      await rm(stackFile(STACK), { force: true });
    }
  });
});
