import { mkdir, readFile, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type CheckRecord, CheckRecorder } from "../../checks/recorder.ts";
import { home } from "../../lib/home.ts";
import { tearDown } from "../../lifecycle/teardown.ts";
import { saveTraces } from "../../lifecycle/traces.ts";
import { Redactor } from "../../masking/redactor.ts";
import { connect } from "../../swarm/client.ts";
import { scratchFolder } from "../fixtures/recipe-folder.ts";

beforeEach(async () => vi.stubEnv("RECIPE_CI_HOME", await scratchFolder()));
afterEach(() => vi.unstubAllEnvs());

const RUN = "run-wiki-1";
const defect: CheckRecord = {
  ...{ name: "install.answers", title: "It answers", status: "failed", owner: "defect", error: "x" },
  ...{ trace: "TypeError: x\n    at a.ts:1", startedAt: 0, durationMs: 0 },
} as CheckRecord;

test("a stack trace is kept beside the report", async () => {
  await mkdir(home("runs", RUN), { recursive: true });
  const told = vi.fn<(line: string) => void>();
  const [kept] = await saveTraces(RUN, [defect], told);
  expect(await readFile(home("runs", RUN, kept?.file ?? ""), "utf8")).toContain("at a.ts:1");
  expect(told).not.toHaveBeenCalled();
});

test("one that can't be written is told, and hides nothing of what the run found", async () => {
  const told = vi.fn<(line: string) => void>();
  const kept = await saveTraces(RUN, [defect], told);
  expect(kept).toMatchObject([
    { title: "stack trace of install.answers", tail: defect.status === "failed" && defect.trace },
  ]);
  expect(told.mock.calls).toEqual([[expect.stringMatching(/^a stack trace can't be kept: ENOENT/)]]);
});

test("a work folder that can't be removed does not keep the ledger from being looked at", async () => {
  await mkdir(home(), { recursive: true });
  await writeFile(home("work"), "");
  const recorder = new CheckRecorder(new Redactor());
  const told = vi.fn<(line: string) => void>();
  await tearDown({
    swarm: connect("unix:///nonexistent/docker.sock"),
    before: { seen: new Map(), counts: {} } as never,
    owner: { run: RUN, namespace: "wiki", others: async () => [] } as never,
    recorder,
    externalVolumes: [],
    onStep: told,
    onEvent: () => undefined,
  });
  expect(told.mock.calls).toEqual([[expect.stringContaining("ENOTDIR")]]);
  expect(recorder.records.map(({ name }) => name)).toEqual([
    "destroy.stack",
    "destroy.nothing-left",
    "destroy.neighbours",
  ]);
});
