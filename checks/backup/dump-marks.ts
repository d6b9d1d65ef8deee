/** Lines by which the clients of databases say what a dump holds, and nothing of the rows themselves (grep -E). */
export const MARKS = [
  "^-- (PostgreSQL database( cluster)?|MySQL|MariaDB) dump",
  "^-- Data for Name: [^;]+; Type: TABLE DATA",
  "^-- Dumping data for table [^ ]+",
  "^(BEGIN TRANSACTION|LOCK TABLES [^ ]+)",
  "^CREATE TABLE [^(]+",
  "^(COPY|INSERT INTO|INSERT IGNORE INTO|INSERT  IGNORE INTO|REPLACE INTO) [^ (]+",
].join("|");

/** The same of an archive of pg_dump's, whose table of contents lies in it as it is. */
export const ARCHIVE_MARKS = "PGDMP|TABLE DATA|CREATE TABLE";

/** What some dumps say they hold, taken together. */
export interface Dumped {
  /** Their text says which tables they have rows of, as a server's own program writes it, comments and all. */
  whole: boolean;
  /** There are tables in them, and nothing that would hold rows, were it only none. */
  tablesAlone: boolean;
  /** Which tables they have rows of, as far as their text says so. */
  tables: ReadonlySet<string>;
}

const HEADER = /^-- (PostgreSQL database( cluster)?|MySQL|MariaDB) dump/;
const ROWS =
  /^(?:-- Data for Name: ([^;]+); Type: TABLE DATA|(?:-- Dumping data for table|LOCK TABLES|COPY|INSERT INTO|INSERT {1,2}IGNORE INTO|REPLACE INTO) (.+))$/;

/**
 * Reads what `grep` found by {@link MARKS} and {@link ARCHIVE_MARKS}.
 *
 * Programs that dump rows say so of each table, also of one without a row: pg_dump by `COPY` or a comment, mysqldump by
 * `LOCK TABLES` or a comment, sqlite by a transaction about all of it. So a dump of tables alone (`pg_dump -s`,
 * `--no-data`, `.schema`) can be told from one of an app that has no rows yet. Tables in MySQL's quotes without a header
 * are of a dump that leaves out all comments: that one says nothing of an empty table.
 */
export function dumpedIn(marks: readonly string[]): Dumped {
  const isArchive = marks.includes("PGDMP");
  const header = marks.some((mark) => HEADER.test(mark));
  const created = marks.filter((mark) => mark.startsWith("CREATE TABLE"));
  const tables = marks.flatMap((mark) => {
    const [, named, other] = ROWS.exec(mark) ?? [];
    const name = named ?? other;
    return name === undefined ? [] : [bare(name)];
  });
  const rows = tables.length > 0 || marks.includes("TABLE DATA");
  const bareSchema = !marks.includes("BEGIN TRANSACTION") && !created.some((mark) => mark.includes("`"));
  const tablesAlone = created.length > 0 && !rows && (header || isArchive || bareSchema);
  return { whole: header && !isArchive, tablesAlone, tables: new Set(tables) };
}

/** A table's name without schema and quotes. */
function bare(name: string): string {
  return (name.trim().split(".").at(-1) ?? "").replace(/["'`]/g, "");
}
