import { describe, expect, test } from "vitest";
import { begunAnew, putAside } from "../../checks/volumes/begun-anew.ts";
import type { Contents } from "../../checks/volumes/contents.ts";

function contents(files: string[], tables: string[] = [], unread: string[] = []): Contents {
  return {
    files: new Set(files),
    tables: new Set(tables),
    rows: new Map(),
    asked: new Set(["data"]),
    refused: new Set(),
    unread: new Set(unread),
    aside: new Map(),
    objects: [],
    clusters: [],
    allFiles: true,
  };
}

const OF_BASE = "/0123456789ab";
const OF_HEAD = "/ba9876543210";

describe("what head begins anew beside what base's app had", () => {
  test.each<[string, string, string]>([
    ["a file of the same name, a folder further down", "data/notes.json", "data/v2/notes.json"],
    ["one in another volume", "data/notes.json", "files/notes.json"],
    ["one in a folder that is called as its container", `data${OF_BASE}/notes.json`, `data${OF_HEAD}/notes.json`],
  ])("%s", (_, left, begins) =>
    expect(begunAnew(contents([left]), contents([left, begins], [], [left]))).toEqual({ left, begins }),
  );

  test("a file of sqlite's that has base's tables, whatever other files head reads", () => {
    const base = contents(["data/app.db", "data/users.json"], ["data/app.db: notes"]);
    const head = contents(
      ["data/app.db", "data/users.json", "data/new.db"],
      ["data/app.db: notes", "data/new.db: notes"],
      ["data/app.db"],
    );
    expect(begunAnew(base, head)).toEqual({ left: "data/app.db", begins: "data/new.db" });
  });
});

describe("it goes on with what base's app had, or may", () => {
  test.each<[string, string[], string[], string[]]>([
    ["where it reads that", ["data/notes.json"], ["data/v2/notes.json"], []],
    ["where it reads another", ["data/notes.json", "data/a.json"], ["data/v2/notes.json"], ["data/notes.json"]],
    ["where the new one has another name", ["data/notes.json"], ["data/pages.json"], ["data/notes.json"]],
    ["where it is a setting", ["data/config.json"], ["data/v2/config.json"], ["data/config.json"]],
    ["where folders are of a day each", ["data/1/list.csv"], ["data/2/list.csv"], ["data/1/list.csv"]],
    ["where it is made again", ["data/notes.json"], ["data/cache/notes.json"], ["data/notes.json"]],
  ])("%s", (_, before, begins, unread) =>
    expect(begunAnew(contents(before), contents([...before, ...begins], [], unread))).toBeUndefined(),
  );

  test("where it opens another database of the volume", () => {
    const base = contents(["data/app.db", "data/b.db"], ["data/app.db: notes", "data/b.db: settings"]);
    const head = contents(
      ["data/app.db", "data/b.db", "data/c.db"],
      ["data/app.db: notes", "data/b.db: settings", "data/c.db: settings"],
      ["data/b.db"],
    );
    expect(begunAnew(base, head)).toBeUndefined();
  });

  test.each([
    ["that has other tables", "data/jobs.db: runs"],
    ["that shares what is emptied alone", "data/jobs.db: sessions"],
  ])("where a file of sqlite's is new %s", (_, table) => {
    const base = contents(["data/app.db"], ["data/app.db: notes", "data/app.db: sessions"]);
    const head = contents(["data/app.db", "data/jobs.db"], [table], ["data/app.db"]);
    expect(begunAnew(base, head)).toBeUndefined();
  });
});

describe("what head puts aside", () => {
  const of = (before: string[], now: string[], aside: Record<string, string>) =>
    putAside(contents(before), { ...contents(now), aside: new Map(Object.entries(aside)) });
  const [was, old] = ["data/notes/a.json", "data/notes.old/a.json"];

  test.each<[string, string[], Record<string, string>]>([
    ["a folder, and begins with a new one", [was, "data/n-1/a.json"], { "data/n-1/a.json": was }],
    ["a folder that is called so, whatever is there instead", [old], { [old]: was }],
    ["a file", [was, "data/notes/a.json.bak"], { "data/notes/a.json.bak": was }],
  ])("%s", (_, now, aside) => expect(of([was], now, aside)).toEqual({ left: Object.keys(aside)[0], begins: was }));

  test.each<[string, string[], string[], Record<string, string>]>([
    ["moves", [was], ["data/v2/notes/a.json"], { "data/v2/notes/a.json": was }],
    ["moves, where it has read another of them", [was, "data/notes/b.json"], [old], { [old]: was }],
    ["turns over as logs are", [was], [was, "data/notes/a.json.1"], { "data/notes/a.json.1": was }],
    [
      "need not last",
      ["data/cache/a.json"],
      ["data/cache.old/a.json"],
      { "data/cache.old/a.json": "data/cache/a.json" },
    ],
  ])("what it %s is not", (_, before, now, aside) => expect(of(before, now, aside)).toBeUndefined());
});
