import { describe, expect, test } from "vitest";
import { sameName } from "../../checks/volumes/written-elsewhere.ts";
import { programVolumes, writtenOver } from "../../checks/volumes/written-over.ts";

const path = "data/notes.json";
const of = (base: string, head: string, fresh = head, name = path) =>
  writtenOver(new Map([[name, base]]), new Map([[name, head]]), new Map([[name, fresh]]));

test.each([
  ["a list that is empty again", "[1, 2, 3]\n", "[]\n"],
  ["one user of two", '{"users":["admin","ann"]}', '{"users":["admin"]}'],
  ["lines that were added", "welcome\nmine\n", "welcome\n"],
])("head put a file back to what a new app has: %s", (_, base, head) => expect(of(base, head)).toEqual([path]));

describe("a file that head wrote anew is no loss", () => {
  test.each<[string, string, string, string]>([
    ["where a new app has something else", "[1, 2, 3]", "[1]", "[]"],
    ["where it has something that base had not", "release 1.0 of it", "release 1.1", "release 1.1"],
    ["of the same length", "alice", "admin", "admin"],
    ["where nothing changed", "[]", "[]", "[]"],
  ])("%s", (_, base, head, fresh) => expect(of(base, head, fresh)).toEqual([]));

  test.each([
    "data/settings.json",
    "data/config/app.json",
    "data/package.json",
    "data/cache/a.json",
    "data/version.txt",
    "data/locales/en.json",
    "data/plugins/x/list.txt",
  ])("which programs write, by its name: %s", (name) => expect(of("[1, 2, 3]", "[]", "[]", name)).toEqual([]));

  test("that is there no more, or that a new app has not", () => {
    expect(writtenOver(new Map([[path, "[1]"]]), new Map(), new Map([[path, "[]"]]))).toEqual([]);
    expect(writtenOver(new Map([[path, "[1]"]]), new Map([[path, "[]"]]), new Map())).toEqual([]);
  });
});

test("what comes with a program is none of its users'", () => {
  expect([...programVolumes(["html/index.php", "data/notes.json", "html/list.json"])]).toEqual(["html"]);
});

describe("what head writes into its container", () => {
  test.each<[string, string[], string[], string | undefined]>([
    ["has the name of a file in a volume", ["data/notes.json"], ["/srv", "/srv/notes.json"], "/srv/notes.json"],
    ["has another name", ["data/notes.json"], ["/srv/pages.json"], undefined],
    ["is made again", ["data/notes.json"], ["/var/cache/notes.json", "/tmp/notes.json"], undefined],
    ["is a setting", ["data/config.json"], ["/etc/app/config.json"], undefined],
    ["comes with a program", ["html/a.php", "html/notes.json"], ["/srv/notes.json"], undefined],
  ])("%s", (_, noted, written, now) => expect(sameName(noted, written)[0]?.now).toBe(now));
});
