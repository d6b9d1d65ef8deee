import { readFile, writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { projectPath } from "../../lib/project.ts";
import { ensurePulumi } from "../../pulumi/locate.ts";
import { COMMON_PLUGINS } from "../../pulumi/versions.ts";
import { recipeCi } from "../live/cli.ts";
import { ownHome } from "../live/own-home.ts";
import { TOKEN } from "./api-client.ts";
import { Emulator } from "./emulator/emulator.ts";
import { recordingMachines } from "./emulator/recording-machines.ts";
import { FAULTS, SAMPLE } from "./faults/all.ts";
import type { Fault, Stage } from "./faults/fault.ts";
import { startLookAlike } from "./look-alike.ts";
import { leftovers } from "./machines/sweep.ts";
import { NodeStack } from "./node-stack.ts";

const TABLE = projectPath("docs/hetzner-faults.md");
const HEAD = "| what goes wrong | while | what comes of it | it says |\n|---|---|---|---|";
const NAME = "hetzner-fault";

const faults = process.env.RECIPE_CI_PROOF ? FAULTS : SAMPLE;
const told: string[][] = [];

let place: AsyncDisposableStack;

beforeAll(async () => {
  await ensurePulumi({ onProgress: () => undefined, plugins: [...COMMON_PLUGINS, "hcloud"] });
});

beforeEach(() => {
  place = new AsyncDisposableStack();
  vi.stubEnv("HCLOUD_TOKEN", TOKEN);
});

afterEach(async () => {
  await place.disposeAsync();
  vi.unstubAllEnvs();
});

/** Every sentence as it was, for people: names and places of this one run taken out. */
afterAll(async () => {
  if (told.length < FAULTS.length) return;
  const lines = told.map((cells) => `| ${cells.join(" | ")} |`);
  const text = await readFile(TABLE, "utf8");
  await writeFile(TABLE, `${text.slice(0, text.indexOf(HEAD))}${HEAD}\n${lines.join("\n")}\n`);
});

async function stageOf({ boots, settings }: Fault): Promise<Stage> {
  const { emulator, project, machines } = boots ? place.use(await startLookAlike()) : await withoutMachines();
  vi.stubEnv("HCLOUD_ENDPOINT", emulator.endpoint);
  const stack = place.use(await NodeStack.create(NAME));
  await stack.settle(emulator, settings);
  return { emulator, project, machines, stack };
}

async function withoutMachines() {
  place.use(await ownHome("faults"));
  const { machines } = recordingMachines();
  const emulator = place.use(await Emulator.start(machines));
  return { emulator, project: emulator.addProject(TOKEN), machines };
}

/** The line that says it, without what is of this one run, and without Pulumi's own words before it. */
function sentence(text: string, says: RegExp): string {
  const line = (text.split("\n").find((one) => says.test(one)) ?? "").trim();
  const words = line
    .replace(/^[-+~@ ]*\S+ \S+ .*?(?:\([\d.]+s\)|create) */, "")
    .replace(/^\S+:\S+:\S+ \S+ +(?:running )?/, "")
    .replace(/^error: +/, "")
    .replace(/^sdk-v2\S+ sdk\.helper_schema: /, "");
  return (words || line)
    .replace(/\b\d+(?:\.\d+){3}\b/g, "ADDRESS")
    .replace(/\b[0-9a-f]{8}(?:-[0-9a-f-]+)?\b/g, "ID")
    .replaceAll("|", "\\|");
}

describe("what goes wrong with a node at Hetzner is got over or told, and leaves nothing", () => {
  it.each(faults.map((fault) => [fault.what, fault.doing, fault] as const))("%s: %s", async (_, __, fault) => {
    const stage = await stageOf(fault);
    const { code, stdout, stderr } = await fault.act(stage);
    const text = `${stdout}\n${stderr}`;
    expect(text).toMatch(fault.says);
    expect(code === 0 ? "borne" : "told", text).toBe(fault.comes);

    if (fault.doing === "up") {
      const { code: end, stdout: said } = await stage.stack.destroy();
      expect(end, said).toBe(0);
    }
    const reaped = await recipeCi("reap");
    expect(reaped.code, reaped.stderr).toBe(0);
    await stage.project.actions.settled();
    expect(stage.project.leftovers()).toEqual([]);
    expect(stage.emulator.world.troubles).toEqual([]);
    if (fault.boots) expect(await leftovers()).toEqual([]);
    told.push([fault.what, fault.doing, fault.comes, sentence(text, fault.says)]);
  });
});
