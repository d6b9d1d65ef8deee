import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { projectPath } from "../../lib/project.ts";
import { serviceUnavailable, tooManyRequests } from "./emulator/controls.ts";
import { Emulator } from "./emulator/emulator.ts";
import { recordingMachines } from "./emulator/recording-machines.ts";
import { pytest } from "./python-client.ts";

/** Projects for the tests of one file, which take them by their number. */
const PROJECTS = 100;

async function emulatorWithProjects(): Promise<Emulator> {
  const emulator = await Emulator.start(recordingMachines().machines);
  for (let number = 1; number <= PROJECTS; number++) {
    const project = emulator.addProject(String(number).padStart(64, "0"));
    emulator.addToken(`r${String(number).padStart(63, "0")}`, project, "read");
  }
  return emulator;
}

/** What test_actions.py is to see. */
function orderFaults({ controls }: Emulator): void {
  controls.failNext("resize_volume", "resize_failed", "no room");
  controls.refuseNext(1, tooManyRequests(1), (request) => request === "GET /load_balancers");
  controls.refuseNext(1, serviceUnavailable(), (request) => request === "GET /certificates");
}

describe("Hetzner's own Python client", () => {
  const files = readdirSync(projectPath("tests/hetzner/python")).filter((name) => /^test_.*\.py$/.test(name));

  it.each(files)("agrees with %s", async (file) => {
    await using emulator = await emulatorWithProjects();
    if (file === "test_actions.py") orderFaults(emulator);
    const { code, text } = await pytest(file, emulator.endpoint);
    expect(text).toMatch(/ passed/);
    expect(code, text).toBe(0);
    expect(emulator.world.troubles).toEqual([]);
    expect(emulator.requests.filter(({ status }) => status === 500)).toEqual([]);
  });
});
