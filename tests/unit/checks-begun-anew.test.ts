import { describe, expect, test } from "vitest";
import { begunAnew } from "../../checks/volumes/begun-anew.ts";
import type { Contents } from "../../checks/volumes/contents.ts";

function contents(files: string[], tables: string[] = [], unread: string[] = []): Contents {
  return {
    files: new Set(files),
    tables: new Set(tables),
    rows: new Map(),
    asked: new Set(["data"]),
    refused: new Set(),
    unread: new Set(unread),
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
