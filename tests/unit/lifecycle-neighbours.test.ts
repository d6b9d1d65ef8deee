import { beforeEach, describe, expect, test, vi } from "vitest";
import { namesBetween, neighboursOf, runsSince } from "../../lifecycle/neighbours.ts";
import { openRun, type RunState, saveState } from "../../lifecycle/run-folder.ts";
import type { EngineEvent } from "../../swarm/engine-events.ts";
import type { InventoryEntry } from "../../swarm/inventory.ts";
import { NAMESPACE_LABEL, RUN_LABEL } from "../../swarm/run-label.ts";
import { scratchFolder } from "../fixtures/recipe-folder.ts";

const HOST = "unix:///run/docker.sock";
const BEGAN = "2026-06-01T12:00:00.000Z";

beforeEach(async () => {
  vi.stubEnv("RECIPE_CI_HOME", await scratchFolder());
  return () => vi.unstubAllEnvs();
});

describe("runs of this home that used a node since a run began", () => {
  async function known(over: Partial<RunState>): Promise<string[]> {
    const state = await openRun({ run: "run-a", recipe: "wiki", dockerHost: HOST });
    await saveState({ ...state, startedAt: "2026-06-01T11:00:00.000Z", ...over });
    return runsSince(BEGAN, HOST);
  }

  test("are those that began earlier and ended since", async () => {
    expect(await known({ finishedAt: "2026-06-01T12:00:01.000Z" })).toEqual(["run-a"]);
  });

  test("are those that go on, are kept, or were killed", async () => {
    expect(await known({})).toEqual(["run-a"]);
  });

  test("are none that were over, and none on another node", async () => {
    expect(await known({ finishedAt: "2026-06-01T11:59:59.000Z" })).toEqual([]);
    expect(await runsSince("2026-06-01T11:30:00.000Z", "unix:///another")).toEqual([]);
  });
});

describe("others between two looks at a node", () => {
  const object = (name: string, over: Partial<InventoryEntry>): InventoryEntry => {
    return { kind: "volume", id: name, name, ...over };
  };
  const between = (before: InventoryEntry[], after: InventoryEntry[]) =>
    namesBetween({ entries: before }, { entries: after });

  test("are all runs with something there, whoever made them", () => {
    const theirs = object("v", { run: "run-of-another-home", namespace: "n" });
    expect(between([theirs], [])).toEqual(["run-of-another-home"]);
    expect(between([], [theirs])).toEqual(["run-of-another-home"]);
  });

  test("are namespaces in which something came or went, not one that just stands", () => {
    const stands = object("v", { namespace: "operators" });
    expect(between([stands], [stands])).toEqual([]);
    expect(between([stands], [])).toEqual(["operators"]);
    expect(between([], [stands])).toEqual(["operators"]);
  });

  test("are nobody where nothing has a label", () => {
    expect(between([object("v", {})], [])).toEqual([]);
  });
});

test("whoever the engine tells of is a neighbour: by its run, else by its namespace, never oneself", async () => {
  const state = await openRun({ run: "run-own", recipe: "wiki", dockerHost: HOST });
  const neighbours = neighboursOf({ run: "run-own", namespaces: ["own"] }, state);
  const saw = (Attributes: Record<string, string>): void => {
    const event: EngineEvent = { Type: "container", Action: "create", Actor: { ID: "x", Attributes } };
    neighbours.saw(event);
  };
  saw({ [RUN_LABEL]: "run-b", [NAMESPACE_LABEL]: "b" });
  saw({ [NAMESPACE_LABEL]: "operators" });
  saw({ [RUN_LABEL]: "run-own", [NAMESPACE_LABEL]: "own" });
  saw({ image: "x" });
  expect(await neighbours.since({ entries: [] }, { entries: [] })).toEqual(["operators", "run-b"]);
});
