import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { recipeCi } from "../live/cli.ts";
import { ownHome } from "../live/own-home.ts";
import { TOKEN } from "./api-client.ts";
import { Emulator } from "./emulator/emulator.ts";
import { recordingMachines } from "./emulator/recording-machines.ts";

let place: AsyncDisposable;
let emulator: Emulator;

beforeEach(async () => {
  place = await ownHome("cost");
  emulator = await Emulator.start(recordingMachines().machines);
  emulator.addProject(TOKEN);
  vi.stubEnv("HCLOUD_ENDPOINT", emulator.endpoint);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await emulator?.[Symbol.asyncDispose]();
  await place?.[Symbol.asyncDispose]();
});

async function cost() {
  const { code, stdout, stderr } = await recipeCi("cost", "--stack", "ci", "--json");
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

describe("recipe-ci cost", () => {
  it("asks Hetzner with a token, for the first server that can be ordered, where it can be", async () => {
    vi.stubEnv("HCLOUD_TOKEN", TOKEN);
    emulator.controls.sellOut("cx33", "nbg1");
    const answer = await cost();
    expect(answer.parts.map(({ what, hour }: { what: string; hour: number }) => [what, hour])).toEqual([
      ["server cpx32 in nbg1", 0.022],
      ["IPv4 address", 0.0008],
    ]);
    expect(answer).toMatchObject({ hour: 0.0228, isThere: false, source: "Hetzner's own prices of today" });
    expect(answer.run).toBeCloseTo((answer.hour * answer.runs.ms) / 3_600_000);
  });

  it("has a table with its date without one", async () => {
    vi.stubEnv("HCLOUD_TOKEN", undefined);
    expect(await cost()).toMatchObject({ date: "2026-05-27", hour: 0.0112, month: 6.99 });
    expect(emulator.requests).toEqual([]);
  });
});
