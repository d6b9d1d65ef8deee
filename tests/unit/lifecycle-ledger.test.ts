import { describe, expect, test } from "vitest";
import { compare, describeSurvivors } from "../../lifecycle/ledger.ts";
import type { Inventory, InventoryEntry } from "../../swarm/inventory.ts";

const RUN = "run-wiki-1";
const NAMESPACE = "wiki_ci_test";
const alone = { run: RUN, namespace: NAMESPACE, shared: false };
const shared = { ...alone, shared: true };

function object(kind: InventoryEntry["kind"], name: string, over: Partial<InventoryEntry> = {}): InventoryEntry {
  return { kind, id: `${name}-0123456789abcdef`, name, ...over };
}

const node = (...entries: InventoryEntry[]): Inventory => ({ entries });
const names = (entries: { name: string }[]) => entries.map(({ name }) => name);
const neighbour = object("service", "neighbour", { run: "run-other-2", namespace: "other_ci_test" });
const nobodys = object("volume", "nobodys");

describe("left of a run", () => {
  test("is nothing when the node is as before", () => {
    expect(compare(node(neighbour, nobodys), node(neighbour, nobodys), alone)).toEqual({
      before: { service: 1, volume: 1 },
      after: { service: 1, volume: 1 },
      left: [],
      lost: [],
    });
  });

  test.each<[string, InventoryEntry]>([
    ["carries its label", object("volume", "data", { run: RUN })],
    ["carries its namespace", object("config", "conf", { namespace: NAMESPACE })],
    ["has no label and was not there before", object("volume", "anonymous")],
  ])("is what %s", (_, survivor) => {
    const { left } = compare(node(neighbour, survivor), node(neighbour), alone);
    expect(left).toEqual([{ kind: survivor.kind, id: survivor.id, name: survivor.name }]);
  });

  test("counts an object of the same name but another id", () => {
    const again = object("container", "c", { id: "new" });
    expect(names(compare(node(again), node(object("container", "c")), alone).left)).toEqual(["c"]);
  });

  test("counts what was there before only where it carries the run's own label", () => {
    const own = object("volume", "data", { run: RUN });
    expect(names(compare(node(own, nobodys), node(own, nobodys), alone).left)).toEqual(["data"]);
  });

  test.each<[string, InventoryEntry]>([
    ["another run's", object("volume", "theirs", { run: "run-other-2" })],
    ["another namespace's", object("network", "theirs", { namespace: "theirs" })],
    ["Swarm's own bridge", object("network", "docker_gwbridge")],
    ["Swarm's own mesh", object("network", "ingress")],
  ])("is not what is %s", (_, other) => {
    expect(compare(node(other), node(), alone).left).toEqual([]);
  });

  test("on a node of others is only what carries a label of the run", () => {
    const own = object("volume", "data", { run: RUN });
    expect(names(compare(node(object("volume", "anonymous"), own), node(), shared).left)).toEqual(["data"]);
  });
});

describe("lost by others", () => {
  test("is what holds data or state", () => {
    const { lost } = compare(node(), node(neighbour, nobodys), alone);
    expect(names(lost)).toEqual(["neighbour", "nobodys"]);
  });

  test("is no task and no container: they come and go", () => {
    expect(compare(node(), node(object("task", "t"), object("container", "c")), alone).lost).toEqual([]);
  });

  test("is not judged where others use the node", () => {
    expect(compare(node(), node(neighbour), shared).lost).toEqual([]);
  });
});

test("survivors are named with kind and short id", () => {
  expect(describeSurvivors([{ kind: "volume", id: "0123456789abcdef", name: "data" }])).toBe(
    "volume data (0123456789ab)",
  );
});
