import { describe, expect, test } from "vitest";
import { keptObject } from "../../checks/backup/kept-objects.ts";
import { lostObjects, lostWords } from "../../checks/volumes/lost-objects.ts";

const of = (...lines: string[]) => lines.map((line) => keptObject("db", line));
const said = (before: string[], now: string[], asked = ["db"]) =>
  lostObjects(of(...before), of(...now), new Set(asked)).map((one) => one.said);

describe("of what a server knows beside rows", () => {
  test.each<[string, string, string | undefined, string]>([
    ["a routine", "procedure\twiki\t\ttwo\t\t\t", undefined, "procedure wiki.two"],
    ["a trigger", "trigger\twiki\tpublic\tnotes.stamp\t\t\t", undefined, "trigger wiki.notes.stamp"],
    ["a role", "role\t\t\treader\t\t\t", undefined, "role reader"],
    ["large objects", "large objects\twiki\t\t\t\t\t3", undefined, "3 large objects of wiki"],
    [
      "some of them",
      "large objects\twiki\t\t\t\t\t3",
      "large objects\twiki\t\t\t\t\t1",
      "2 of the 3 large objects of wiki",
    ],
    [
      "an owner",
      "table\twiki\tpublic\tnotes\tapp\t\t",
      "table\twiki\tpublic\tnotes\troot\t\t",
      "app as the owner of table wiki.notes (now root)",
    ],
    [
      "a right",
      "table\twiki\tshop\torders\tapp\treader: SELECT,reader: UPDATE\t",
      "table\twiki\tshop\torders\tapp\treader: SELECT\t",
      "the right to table wiki.shop.orders (reader: UPDATE)",
    ],
    [
      "how far a sequence is",
      "sequence\twiki\tpublic\tids\tapp\t\t9",
      "sequence\twiki\tpublic\tids\tapp\t\t",
      "the value of sequence wiki.ids (9, now none)",
    ],
  ])("%s is missed", (_, before, now, words) =>
    expect(said([before], now === undefined ? [] : [now])).toEqual([words]),
  );

  test("a database that is gone is said alone, and not what was in it", () => {
    const shop = [
      "database\t\t\tshop\tapp\t\t",
      "view\tshop\tpublic\tsold\tapp\t\t",
      "view\twiki\tpublic\tnew\tapp\t\t",
    ];
    expect(said(shop, [])).toEqual(["database shop", "view wiki.new"]);
  });

  test("more than before, what comes and goes, and a server that does not say are no loss", () => {
    const ids = "sequence\twiki\tpublic\tids\tapp\t\t9";
    expect(said([ids], [ids.replace(/9$/, "7")])).toEqual([]);
    expect(said([ids], [ids.replace(/9$/, "12"), "view\twiki\tpublic\tnew\tapp\t\t"])).toEqual([]);
    expect(said(["table\twiki\t\tsessions\t\t\t"], [])).toEqual([]);
    expect(said([ids], [], [])).toEqual([]);
  });
});

test("what leaves such things out is said after them", () => {
  expect(lostWords([{ said: "procedure wiki.two" }, { said: "event wiki.nightly" }])).toEqual({
    what: "procedure wiki.two, event wiki.nightly",
    remedy: "; mysqldump takes routines and events with --routines --events alone, pg_dump none with -t",
  });
  expect(lostWords([{ said: "type wiki.mood" }]).remedy).toBe("");
});
