import { describe, expect, test } from "vitest";
import type { Cluster, Contents, Rows } from "../../checks/volumes/contents.ts";
import {
  type Lost,
  leftCluster,
  lostByRestore,
  lostByUpgrade,
  mayBeEmpty,
  misplaced,
  mustLast,
  placed,
} from "../../checks/volumes/lost-contents.ts";

interface Some {
  files?: string[];
  tables?: string[];
  asked?: string[];
  clusters?: Cluster[];
  allFiles?: boolean;
  rows?: Record<string, Rows>;
}

function contents({
  files = [],
  tables = [],
  asked = ["data", "db"],
  clusters = [],
  allFiles = true,
  rows = {},
}: Some = {}): Contents {
  return {
    files: new Set(files),
    tables: new Set([...tables, ...Object.keys(rows)]),
    rows: new Map(Object.entries(rows)),
    asked: new Set(asked),
    refused: new Set(),
    unread: new Set(),
    aside: new Map(),
    objects: [],
    clusters,
    allFiles,
  };
}

const none = { files: [], tables: [], fewer: [] };

describe("what an upgrade lost", () => {
  const noted = contents({
    files: ["data/uploads/a", "data/config"],
    tables: ["db: wiki.notes", "data/app.db: notes"],
  });

  test("is what is there no more", () => {
    expect(lostByUpgrade(noted, contents({ files: ["data/config"], tables: ["db: wiki.notes"] }))).toEqual({
      files: ["data/uploads/a"],
      tables: ["data/app.db: notes"],
      fewer: [],
    });
  });

  test.each([
    ["files that lie elsewhere now", { files: ["data/files/a", "data/config"], tables: [...noted.tables] }],
    ["a table that is called otherwise", { files: [...noted.files], tables: ["db: wiki.notes", "db: wiki.notes2"] }],
    ["files that were put into a database", { tables: [...noted.tables, "db: wiki.files"] }],
    ["a server that did not answer", { files: [...noted.files], tables: ["data/app.db: notes"], asked: ["data"] }],
    ["a volume that went with its service", { tables: ["db: wiki.notes"], asked: ["db"] }],
  ])("is nothing: %s", (_, now) => {
    expect(lostByUpgrade(noted, contents(now))).toEqual(none);
  });

  test("is not told where there are too many files to see what is new", () => {
    expect(lostByUpgrade(noted, contents({ tables: [...noted.tables], allFiles: false }))).toEqual(none);
  });

  test("is no sign of the app's own, and no table that is emptied as it starts", () => {
    const before = contents({
      files: ["data/first-run", "data/app.db-wal"],
      tables: ["db: wiki.sessions", "db: wiki.user_tokens"],
    });
    expect(lostByUpgrade(before, contents())).toEqual(none);
    expect(lostByUpgrade(contents({ files: ["data/a"] }), contents({ files: ["data/version"] })).files).toEqual([
      "data/a",
    ]);
  });
});

test("a restore that brings nothing back is not excused by what is new, but a folder in which names change is", () => {
  const noted = contents({ files: ["data/uploads/a", "data/parts/1"], tables: ["db: wiki.files"] });
  const now = contents({ files: ["data/other", "data/parts/2"], tables: ["db: wiki.notes"] });
  expect(lostByRestore(noted, now, false)).toMatchObject({ files: ["data/uploads/a"], tables: ["db: wiki.files"] });
  expect(lostByRestore(noted, now, true).files).toEqual(["data/uploads/a", "data/parts/1"]);
});

describe("rows that are fewer than before", () => {
  const server = (count: number, made = "1", name = "db: wiki.notes") =>
    contents({ rows: { [name]: { count, made } } });
  const file = (count: number, last: number) => contents({ rows: { "data/app.db: notes": { count, last } } });
  const newTable = contents({
    rows: { "db: wiki.notes": { count: 1, made: "2" }, "db: wiki.pages": { count: 1, made: "3" } },
  });

  test.each<[string, Contents, Contents, Lost["fewer"]]>([
    [
      "in a table that was dropped and made anew",
      server(3),
      server(1, "2"),
      [{ table: "db: wiki.notes", had: 3, has: 1 }],
    ],
    ["in a file that was overwritten", file(3, 3), file(1, 1), [{ table: "data/app.db: notes", had: 3, has: 1 }]],
    ["in a table that was tidied up", server(3), server(1), []],
    ["in a file that was tidied up", file(3, 3), file(1, 3), []],
    ["in a table that was split in two", server(3), newTable, []],
    ["in a table of the moment", server(3, "1", "db: wiki.sessions"), server(1, "2", "db: wiki.sessions"), []],
    ["in none that was built anew", server(3), server(3, "2"), []],
  ])("are lost by an upgrade, or not: %s", (_, noted, now, fewer) =>
    expect(lostByUpgrade(noted, now).fewer).toEqual(fewer),
  );

  test("are what a restore did not bring back, whatever became of their table", () => {
    expect(lostByRestore(server(3), server(1), true).fewer).toEqual([{ table: "db: wiki.notes", had: 3, has: 1 }]);
    expect(lostByRestore(file(3, 3), file(2, 3), false).fewer).toHaveLength(1);
    expect(lostByRestore(server(1), server(3), true).fewer).toEqual([]);
  });
});

test("a table that is in the server's own database since the restore was read into the wrong one", () => {
  const noted = contents({ tables: ["db: wiki.notes"] });
  expect(misplaced(noted, contents({ tables: ["db: wiki.notes", "db: postgres.notes"] }))).toEqual([
    "db: postgres.notes",
  ]);
  expect(misplaced(noted, contents({ tables: ["db: wiki_old.notes", "db: wiki.notes", "db: postgres.jobs"] }))).toEqual(
    [],
  );
});

describe("a data folder of Postgres", () => {
  const cluster = (place: string, id: string, runs: boolean, started = runs): Cluster => ({ place, id, runs, started });
  const noted = contents({ clusters: [cluster("pg", "a", true)] });

  test("is left behind where head's server runs on another", () => {
    const now = contents({ clusters: [cluster("pg", "a", false), cluster("pg/new", "b", true)] });
    expect(leftCluster(noted, now)).toEqual({ left: "pg", runs: "pg/new" });
  });

  test.each([
    ["the same", [cluster("pg", "a", true)]],
    ["at another place", [cluster("pg/17", "a", true)]],
    ["opened by whoever moved it", [cluster("pg", "a", false, true), cluster("pg/new", "b", true)]],
    ["upgraded and taken away", [cluster("pg", "b", true)]],
  ])("goes on: %s", (_, clusters) => {
    expect(leftCluster(noted, contents({ clusters }))).toBeUndefined();
  });
});

test.each([
  ["db: wiki.notes", "db", "wiki.notes"],
  ["data/app.db: notes", "data/app.db", "notes"],
  ["data/a: b.db: notes", "data/a: b.db", "notes"],
  ["sessions", "", "sessions"],
  ["s", "", "s"],
])("%s is a table of a place, or none", (text, place, name) => expect(placed(text)).toEqual({ place, name }));

test.each(["sessions", "jobs", "redis", "wiki.sessions", "redis.notes"])(
  "the table %s may be empty, with its place or without it",
  (name) => expect([mayBeEmpty(name), mayBeEmpty(`data/app.db: ${name}`)]).toEqual([true, true]),
);

test.each([
  ["data/uploads/a.png", true],
  ["data/notes.txt", true],
  ["data/app.db", true],
  ["data/app.pid", false],
  ["data/cache/a", false],
  ["data/.installed", false],
  ["data/initial_password", false],
  ["data/backup.sql", false],
  ["data/conf/app.ini~", false],
])("%s must last: %s", (path, lasts) => {
  expect(mustLast(path)).toBe(lasts);
});
