import { describe, expect, test } from "vitest";
import { compare, describeSurvivors, withNotJudged } from "../../lifecycle/ledger.ts";
import type { Inventory, InventoryEntry } from "../../swarm/inventory.ts";

const RUN = "run-wiki-1";
const NAMESPACE = "wiki_ci_test";
const alone = { run: RUN, namespaces: [NAMESPACE], others: [] };
const beside = { ...alone, others: ["run-other-2"] };

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
    ["another run's, under whatever namespace", object("volume", "x", { run: "run-other-2", namespace: NAMESPACE })],
    ["another namespace's", object("network", "theirs", { namespace: "theirs" })],
    ["the node's own", object("secret", "recipe-ci-traefik-key", { platform: true })],
    ["of a service that was there", object("container", "again", { serviceId: "stands" })],
  ])("is not what is %s", (_, other) => {
    const stands = object("service", "stands", { id: "stands" });
    expect(compare(node(stands, other), node(stands), alone).left).toEqual([]);
  });

  test("is what only its name has in common with a network of every engine", () => {
    expect(names(compare(node(object("volume", "bridge")), node(), alone).left)).toEqual(["bridge"]);
  });

  test("is only what bears the run's own label where others used the node", () => {
    const own = object("volume", "data", { run: RUN });
    const result = compare(node(object("volume", "anonymous"), own), node(), beside);
    expect(names(result.left)).toEqual(["data"]);
    expect(result.notJudged).toEqual(["what bears no label, since run-other-2 used the node meanwhile"]);
  });
});

describe("in a Swarm of several nodes", () => {
  const unseen = [{ id: "n2", name: "second", ready: false }];
  const onSecond = object("volume", "data", { node: "second" });

  test("volumes of one name are each node's own", () => {
    const { left, lost } = compare(node(object("volume", "data"), onSecond), node(object("volume", "data")), alone);
    expect(left).toEqual([{ kind: "volume", id: onSecond.id, name: "data", node: "second" }]);
    expect(lost).toEqual([]);
    expect(describeSurvivors(left)).toBe("volume data (data-0123456) on second");
  });

  test("what is on one that nobody can look at is neither left nor lost, and said not to be judged", () => {
    const result = compare({ ...node(neighbour), unseen }, node(neighbour, onSecond), alone);
    expect(result).toMatchObject({ left: [], lost: [] });
    expect(result.notJudged).toEqual(["what is on node second, whose engine can't be asked"]);
  });

  test("what was on one that nobody could look at before is neither left nor lost when it is back", () => {
    const result = compare({ ...node(onSecond), others: [{ id: "n2", name: "second" }] }, { ...node(), unseen }, alone);
    expect(result).toMatchObject({ left: [], lost: [] });
    expect(result.notJudged).toEqual(["what is on node second, whose engine can't be asked"]);
  });

  test.each([
    ["left the Swarm", [{ id: "n2", name: "second" }], undefined],
    ["joined it", undefined, [{ id: "n2", name: "second" }]],
    ["was made anew under its name", [{ id: "n2", name: "second" }], [{ id: "n3", name: "second" }]],
  ])("what is on one that %s meanwhile is neither left nor lost, but what is the run's own is left", (_, was, is) => {
    const own = object("volume", "own", { node: "second", run: RUN });
    const other = object("volume", "other", { node: "second" });
    const before = { ...node(...(was ? [onSecond] : [])), others: was };
    const result = compare({ ...node(...(is ? [other, own] : [])), others: is }, before, alone);
    expect(result.lost).toEqual([]);
    expect(names(result.left)).toEqual(is ? ["own"] : []);
    expect(result.notJudged).toContain("what is on node second, which came or went meanwhile");
  });

  test("unless it was the run's own node, which is then left", () => {
    const { left } = compare({ ...node(), unseen }, node(), { ...alone, place: "n2" });
    expect(left).toEqual([{ kind: "node", id: "n2", name: "second" }]);
    expect(compare({ ...node(), unseen }, node(), { ...alone, place: "n1" }).left).toEqual([]);
  });
});

describe("lost by others", () => {
  test("is what nobody but this run may have taken away", () => {
    const { lost, notJudged } = compare(node(), node(nobodys), alone);
    expect(names(lost)).toEqual(["nobodys"]);
    expect(notJudged).toBeUndefined();
  });

  test("is no task and no container: they come and go", () => {
    expect(compare(node(), node(object("task", "t"), object("container", "c")), alone).lost).toEqual([]);
  });

  test("is nothing that bears a label of others, and those are named", () => {
    const theirs = [1, 2, 3].map((n) => object("config", `c${n}`, { namespace: "theirs" }));
    const { lost, notJudged } = compare(node(), node(neighbour, ...theirs), alone);
    expect(lost).toEqual([]);
    expect(notJudged).toEqual([
      "service neighbour of run-other-2, config c1 of theirs, config c2 of theirs and 1 more: gone, but another's own",
    ]);
  });

  test("is not judged where others used the node", () => {
    expect(compare(node(), node(nobodys), beside).lost).toEqual([]);
  });
});

test.each(["bridge", "host", "none", "ingress", "docker_gwbridge"])(
  "network %s, which an engine makes anew when it restarts, is neither left nor lost",
  (name) => {
    const [was, is] = [object("network", name, { id: "1" }), object("network", name, { id: "2" })];
    expect(compare(node(is), node(was), alone)).toMatchObject({ left: [], lost: [] });
  },
);

test("a check's summary says what was not judged", () => {
  const clean = compare(node(), node(), alone);
  expect(withNotJudged("all still there", clean)).toBe("all still there");
  expect(withNotJudged("all still there", compare(node(), node(), beside))).toBe(
    "all still there; not judged: what bears no label, since run-other-2 used the node meanwhile",
  );
});

test("survivors are named with kind and short id", () => {
  expect(describeSurvivors([{ kind: "volume", id: "0123456789abcdef", name: "data" }])).toBe(
    "volume data (0123456789ab)",
  );
});
