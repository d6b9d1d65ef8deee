import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { problemOf } from "../../checks/backup/dumped-rows.ts";
import { refusedRow } from "../../checks/backup/hooks.ts";
import { problemOfCopies } from "../../checks/backup/partial-copies.ts";
import { MARKS_OF } from "../../checks/backup/read-marks.ts";

const PG = "-- PostgreSQL database dump";
const CLUSTER = "-- PostgreSQL database cluster dump";
const PG_TABLE = `CREATE TABLE public.notes (\n    id integer\n);`;
const PG_ROWS = `-- Data for Name: notes; Type: TABLE DATA; Schema: public; Owner: wiki`;
const MY = "-- MariaDB dump 10.19  Distrib 11.8.6-MariaDB";
const MY_END = "-- Dump completed on 2026-11-28 16:00:00";
const MY_TABLE = "CREATE TABLE `notes` (\n  `id` int(11) NOT NULL\n);";

const folder = mkdtempSync(join(tmpdir(), "recipe-ci-dumps-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** As their programs end them, if their text begins so. */
function ended(dump: string): string {
  const ends = dump.split("\n").flatMap((line) => (line === PG || line === CLUSTER ? [`${line} complete`] : []));
  return [dump, ...ends, ...(dump.startsWith(MY) ? [MY_END] : [])].join("\n");
}

/** What the helper finds in a dump. */
function marksOf(dump: string | Buffer): string[] {
  const file = join(folder, "dump.sql");
  writeFileSync(file, typeof dump === "string" && !dump.startsWith("PGDMP") ? ended(dump) : dump);
  return marksIn(file);
}

function marksIn(file: string): string[] {
  const found = execFileSync("sh", ["-c", `${MARKS_OF}; marks_of "$1"`, "sh", file]);
  return found.toString().split("\n").filter(Boolean);
}

/** Names as `table`, `schema.table` or `database/schema.table`. */
const db = (...names: string[]) => ({
  service: { key: "db" },
  tables: names.map((text) => {
    const [, database = "wiki", schema = "public", name = ""] = /^(?:(.+)\/)?(?:(.*)\.)?(.+)$/.exec(text) ?? [];
    return { database, schema, name };
  }),
});

describe("a dump of tables alone restores an empty app", () => {
  test.each<[string, string]>([
    ["pg_dump -s", `${PG}\n${PG_TABLE}\n`],
    ["pg_dump -s -Fc", `PGDMP\x01\x10\0notes\0TABLE\0CREATE TABLE public.notes (\n`],
    ["mariadb-dump --no-data", `${MY}\n-- Table structure for table \`notes\`\n${MY_TABLE}\n`],
    ["sqlite3 .schema", "CREATE TABLE own (a);\n"],
  ])("%s", (_, dump) => expect(problemOf(marksOf(dump))).toMatch(/^the dump has tables and no rows/));

  test.each<[string, string]>([
    ["pg_dump of empty tables, by COPY", `${PG}\n${PG_TABLE}\nCOPY public.notes (id) FROM stdin;\n\\.\n`],
    ["pg_dump --inserts of empty tables", `${PG}\n${PG_TABLE}\n${PG_ROWS}\n`],
    ["pg_dump -Fc", `PGDMP\x01\x10\0notes\0TABLE\0CREATE TABLE public.notes (\n\0TABLE DATA\0`],
    ["a database without tables", `${PG}\nSET client_encoding = 'UTF8';\n`],
    ["mariadb-dump of empty tables", `${MY}\n${MY_TABLE}\nLOCK TABLES \`notes\` WRITE;\nUNLOCK TABLES;\n`],
    ["the same with --skip-opt", `${MY}\n${MY_TABLE}\n-- Dumping data for table \`notes\`\n`],
    ["the same with --compact", `${MY_TABLE}\n`],
    ["sqlite3 .dump of empty tables", "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE own (a);\nCOMMIT;\n"],
    ["tables and rows in two files", `${PG}\n${PG_TABLE}\n${PG}\nCOPY public.notes (id) FROM stdin;\n`],
    ["what is no dump of SQL", "REDIS0011\xfa"],
  ])("but not %s", (_, dump) => expect(problemOf(marksOf(dump))).toBeUndefined());
});

/** A dump of one table. */
const whole = `${PG}\n${PG_TABLE}\n${PG_ROWS}\nCOPY public.notes (id) FROM stdin;\n1\n\\.\n`;

describe("a dump is compared with the tables that have rows", () => {
  test.each<[string, string]>([
    ["of another database", `${PG}\nSET client_encoding = 'UTF8';\n`],
    ["of roles alone", "-- PostgreSQL database cluster dump\nCREATE ROLE wiki;\n"],
    ["of other tables", whole.replaceAll("notes", "visits")],
  ])("and is none %s", (_, dump) => {
    expect(problemOf(marksOf(dump), db("notes", "users"))).toMatch(/no row of the tables that db has \(notes, users\)/);
  });

  test.each<[string, string[], RegExp]>([
    [
      "one of two databases",
      ["notes", "shop/public.orders"],
      /^the dump holds no row of what db has in shop \(orders\)\./,
    ],
    ["one of two schemas", ["notes", "shop.orders", "shop.items"], /in wiki\.shop \(orders, items\)/],
    ["one of two databases of MariaDB's", ["wiki/.notes", "shop/.orders"], /in shop \(orders\)/],
  ])("and is none where it is of %s", (_, tables, says) => {
    expect(problemOf(marksOf(whole), db(...tables))).toMatch(says);
  });

  test.each<[string, string, string[]]>([
    ["with another place left out that is made again", whole, ["notes", "cache.pages", "search_index/public.words"]],
    ["with some of them left out", whole, ["notes", "cache"]],
    ["of tables with capitals, in quotes", whole.replaceAll("notes", '"Notes"'), ["Notes"]],
    ["of a database without rows", `${PG}\n`, []],
    ["that is a physical backup", "backup_label\0", ["notes"]],
    ["that is an archive", "PGDMP\0CREATE TABLE x\0TABLE DATA\0", ["notes"]],
    ["of MariaDB's, with --skip-opt", `${MY}\n${MY_TABLE}\nINSERT INTO \`notes\` VALUES (1);\n`, ["notes"]],
  ])("and may be one %s", (_, dump, tables) => expect(problemOf(marksOf(dump), db(...tables))).toBeUndefined());
});

describe("a dump of some of the tables of a database lacks the others", () => {
  const orders = whole.replaceAll("notes", "orders");
  const names = ["notes", "orders"];
  const compact = `${MY_TABLE}\nINSERT INTO \`notes\` VALUES (1);\n`;
  test.each<[string, string | Buffer]>([
    ["pg_dump -t notes", whole],
    ["pg_dump -t notes, without comments", `COPY public.notes (id) FROM stdin;\n1\n\\.\n`],
    ["pg_dump -Fc --exclude-table-data=orders", archive("notes")],
    ["the same, packed", gzipSync(archive("notes"))],
    ["mariadb-dump wiki notes", `${MY}\n${MY_TABLE}\nLOCK TABLES \`notes\` WRITE;\nUNLOCK TABLES;\n`],
    ["mariadb-dump --compact wiki notes", compact],
  ])("%s", (_, dump) => {
    const tables = dump === compact || String(dump).startsWith(MY) ? db("wiki/.notes", "wiki/.orders") : db(...names);
    expect(problemOf(marksOf(dump), tables)).toMatch(
      /^the dump leaves out wiki\.orders, which db has rows of: nothing brings them back\./,
    );
  });

  test.each<[string, string | Buffer, string[]]>([
    ["what has all", `${whole}${orders}`, names],
    ["an archive that has all", archive("notes", "orders"), names],
    ["names with spaces", whole.replaceAll("notes", '"my notes"'), ["my notes"]],
    ["MariaDB's, too", `${MY}\nLOCK TABLES \`my notes\` WRITE;\n`, ["wiki/.my notes"]],
    [
      "tables that their app empties and fills",
      whole,
      ["notes", "django_session", "oban_jobs", "cache_pages", "access_log"],
    ],
    ["names that a client may have in another alphabet", whole, ["notes", "überblick"]],
  ])("but not %s", (_, dump, tables) => expect(problemOf(marksOf(dump), db(...tables))).toBeUndefined());

  test("nor where a file is called as the table is, or nobody read all of them", () => {
    for (const mark of ["= file orders.csv", "= file wiki.orders.00000.dat", "= more"]) {
      expect(problemOf([...marksOf(whole), mark], db(...names))).toBeUndefined();
    }
    expect(problemOf([...marksOf(whole), "= file orders.sql"], db(...names))).toMatch(/leaves out wiki\.orders/);
    const tab = [...marksOf(`${MY}\n${MY_TABLE}\n`), "= file notes.sql", "= file notes.txt"];
    expect(problemOf(tab, db("wiki/.notes"))).toBeUndefined();
  });

  test("nor what a definition names", () => {
    expect(problemOf(marksOf(whole), db(...names), { "wiki.orders": "comes from the shop" })).toBeUndefined();
  });

  /** The table of contents of an archive: each entry's name and kind, both after their lengths. */
  function archive(...tables: string[]): Buffer {
    const text = (value: string) => [0, value.length, 0, 0, 0, ...Buffer.from(value)];
    const entries = tables.flatMap((name) => [...text(name), ...text("TABLE DATA"), ...text("")]);
    return Buffer.from([...Buffer.from("PGDMP\x01\x10"), ...text("wiki"), ...entries, 0xff, 0x0a]);
  }
});

describe("a dump that breaks off has a beginning and no end", () => {
  const cut = (dump: string) => {
    writeFileSync(join(folder, "cut.sql"), dump);
    return problemOf(marksIn(join(folder, "cut.sql")));
  };
  const one = `${PG}\n${PG_TABLE}\n${PG_ROWS}\n`;
  test.each<[string, string]>([
    ["pg_dump", one],
    ["pg_dumpall, in its second database", `${CLUSTER}\n${one}${PG} complete\n${one}`],
    ["the second of two", `${MY}\nLOCK TABLES \`notes\` WRITE;\n${MY_END}\n${MY}\n`],
  ])("%s", (_, dump) => expect(cut(dump)).toMatch(/^the dump cut\.sql breaks off before its end/));

  test.each<[string, string]>([
    [
      "one without the line that has the date",
      `${MY}\nLOCK TABLES \`notes\` WRITE;\n/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;\n`,
    ],
    ["one without comments", `COPY public.notes (id) FROM stdin;\n1\n`],
    ["two in one file", `${one}${PG} complete\n${one}${PG} complete\n`],
  ])("but not %s", (_, dump) => expect(cut(dump)).toBeUndefined());
});

describe("copies of files of sqlite's that are not in the backup themselves", () => {
  const live = ["data/app.db: notes", "data/app.db: pages"];
  const copies = (after: string[], backedUp: string[]) => ({
    before: new Set(live),
    after: new Set([...live, ...after]),
    backedUp,
  });
  const text = (...tables: string[]) =>
    marksOf(
      `PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n${tables.map((name) => `CREATE TABLE ${name} (a);\nINSERT INTO ${name} VALUES(1);\n`).join("")}COMMIT;\n`,
    );

  test.each<[string, string[], string[], string[], RegExp]>([
    [".dump notes", [], ["data/dump.sql"], text("notes"), /^what it wrote leaves out pages, which data\/app\.db has/],
    [
      ".dump of nothing",
      [],
      ["data/dump.sql"],
      text(),
      /^what it wrote holds no row of data\/app\.db \(notes, pages\)/,
    ],
    ["a copy without the log", ["data/backup.db: notes"], ["data/backup.db"], ["= file backup.db"], /leaves out pages/],
    ["a copy of nothing", [], ["data/backup.db"], ["= file backup.db"], /holds no row of data\/app\.db/],
  ])("%s", (_, after, backedUp, marks, says) => expect(problemOfCopies(copies(after, backedUp), marks)).toMatch(says));

  test.each<[string, string[], string[], string[]]>([
    [".dump", [], ["data/dump.sql"], text("notes", "pages")],
    [".backup", ["data/backup.db: notes", "data/backup.db: pages"], ["data/backup.db"], ["= file backup.db"]],
    ["files that are in the backup", [], ["data"], text("notes")],
    ["an archive", [], ["data/all.tar"], ["= file all.tar"]],
    ["a copy, and an archive", ["data/backup.db: notes"], ["data/backup.db", "data/all.tar"], ["= file all.tar"]],
  ])("but not %s", (_, after, backedUp, marks) => {
    expect(problemOfCopies(copies(after, backedUp), marks)).toBeUndefined();
  });

  test("what a table's name, or a definition, says may be lost, is", () => {
    const passing = ["sessions", "user_session", "jobs", "redis"].map((name) => `data/app.db: ${name}`);
    const before = new Set(["data/app.db: notes", ...passing, "data/cache.db: pages"]);
    const found = { before, after: before, backedUp: ["data/dump.sql"] };
    expect(problemOfCopies(found, text("notes"))).toBeUndefined();
    expect(problemOfCopies(copies([], ["data/dump.sql"]), text("notes"), { pages: "made again" })).toBeUndefined();
  });
});

describe("rows that a database refuses at a restore", () => {
  test.each([
    'ERROR:  duplicate key value violates unique constraint "notes_pkey"',
    'psql:/backup.sql:44: ERROR:  insert or update on table "notes" violates foreign key constraint "x"',
    'pg_restore: error: COPY failed for table "notes": ERROR:  duplicate key value violates unique constraint "p"',
    "ERROR 1062 (23000) at line 5: Duplicate entry '1' for key 'PRIMARY'",
  ])("%s", (line) => expect(refusedRow({ stdout: "", stderr: `SET\n${line}\nCONTEXT: x\n` })).toBe(line));

  test.each([
    'ERROR:  relation "notes" already exists',
    'ERROR:  role "wiki" already exists',
    'ERROR:  table "notes" does not exist',
    "NOTICE:  a note of a user: duplicate key value violates unique constraint",
  ])("but not %s", (line) => expect(refusedRow({ stdout: line, stderr: "" })).toBeUndefined());
});
