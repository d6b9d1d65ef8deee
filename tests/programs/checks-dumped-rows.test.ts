import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { ARCHIVE_MARKS, MARKS } from "../../checks/backup/dump-marks.ts";
import { problemOf } from "../../checks/backup/dumped-rows.ts";
import { refusedRow } from "../../checks/backup/hooks.ts";

const PG = "-- PostgreSQL database dump";
const PG_TABLE = `CREATE TABLE public.notes (\n    id integer\n);`;
const PG_ROWS = `-- Data for Name: notes; Type: TABLE DATA; Schema: public; Owner: wiki`;
const MY = "-- MariaDB dump 10.19  Distrib 11.8.6-MariaDB";
const MY_TABLE = "CREATE TABLE `notes` (\n  `id` int(11) NOT NULL\n);";

/** What the helper finds in a dump. */
function marksOf(dump: string): string[] {
  const found = dump.startsWith("PGDMP") ? ARCHIVE_MARKS : MARKS;
  const sorted = execFileSync("sh", ["-c", 'LC_ALL=C grep -aoE -- "$1" | sort -u', "sh", found], { input: dump });
  return sorted.toString().split("\n").filter(Boolean);
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

describe("a dump is compared with the tables that have rows", () => {
  const whole = `${PG}\n${PG_TABLE}\n${PG_ROWS}\nCOPY public.notes (id) FROM stdin;\n1\n\\.\n`;
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
