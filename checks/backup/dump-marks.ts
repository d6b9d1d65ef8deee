/** A name as SQL has it, in quotes with anything in it (grep -E). */
const NAME = '(([^ ("`]*("[^"]+"|`[^`]+`))+|[^ (]+)';
/** Lines by which the clients of databases say what a dump holds, and nothing of the rows themselves (grep -E). */
export const MARKS = [
  "^-- (PostgreSQL database( cluster)? dump( complete)?|(MySQL|MariaDB) dump|Dump completed)",
  "^/[*]!40111 SET SQL_NOTES=@OLD_SQL_NOTES",
  "^-- Data for Name: [^;]+; Type: TABLE DATA",
  `^-- Dumping data for table ${NAME}`,
  `^(BEGIN TRANSACTION|LOCK TABLES ${NAME})`,
  "^CREATE TABLE [^(]+",
  `^(COPY|INSERT INTO|INSERT IGNORE INTO|INSERT  IGNORE INTO|REPLACE INTO) ${NAME}`,
].join("|");

/**
 * The same of an archive of pg_dump's, whose table of contents lies in it as it is: a name, the length of what follows
 * (10, which is a line's end), and the kind. Zeros are read as `~`, ends of lines as `|`.
 */
export const ARCHIVE_MARKS = "[^~]+~[|]~~~TABLE DATA|PGDMP|TABLE DATA|CREATE TABLE";

/** What some dumps say they hold, taken together. */
export interface Dumped {
  /** Their text says which tables they have rows of, as a server's own program writes it, comments and all. */
  whole: boolean;
  /** There are tables in them, and nothing that would hold rows, were it only none. */
  tablesAlone: boolean;
  /** Which tables they have rows of, as far as their text says so. */
  tables: ReadonlySet<string>;
  /** There is more of them than was read. */
  more: boolean;
  /** One that has a beginning and no end. */
  cutOff?: string;
  /** One of sqlite's is among them. */
  ofSqlite: boolean;
  /** Names of all files that came with them. */
  files: readonly string[];
}

const HEADER = /^-- (PostgreSQL database( cluster)?|MySQL|MariaDB) dump/;
const ROWS =
  /^(?:-- Data for Name: ([^;]+); Type: TABLE DATA|([^~]+)~\|~~~TABLE DATA|(?:-- Dumping data for table|LOCK TABLES|COPY|INSERT INTO|INSERT {1,2}IGNORE INTO|REPLACE INTO) (.+))$/;
/** What has tables and rows and is of a server, though without its header: MySQL's quotes, and Postgres's `COPY`. */
const OF_SERVER = /^(CREATE TABLE|INSERT|REPLACE|LOCK TABLES) .*`|^COPY /;
/** What reading dumps says besides. */
const [MORE, CUT_OFF, FILE] = ["= more", "= cut off ", "= file "];

/**
 * Reads what `grep` found by {@link MARKS} and {@link ARCHIVE_MARKS}.
 *
 * Programs that dump rows say so of each table, also of one without a row: pg_dump by `COPY` or a comment, mysqldump by
 * `LOCK TABLES` or a comment, sqlite by a transaction about all of it. So a dump of tables alone (`pg_dump -s`,
 * `--no-data`, `.schema`) can be told from one of an app that has no rows yet. Tables in MySQL's quotes without a header
 * are of a dump that leaves out all comments: that one says nothing of an empty table. Where rows lie in files of their
 * own (`--tab`, `COPY … TO`), those are called as their tables are.
 */
export function dumpedIn(marks: readonly string[]): Dumped {
  const isArchive = marks.includes("PGDMP");
  const header = marks.some((mark) => HEADER.test(mark));
  const created = marks.filter((mark) => mark.startsWith("CREATE TABLE"));
  const files = said(marks, FILE);
  const tables = marks.flatMap((mark) => {
    const [, named, archived, other] = ROWS.exec(mark) ?? [];
    const name = named ?? archived ?? other;
    return name === undefined ? [] : [bare(name)];
  });
  const rows =
    tables.length > 0 || marks.includes("TABLE DATA") || created.some((mark) => inFile(createdBy(mark), files));
  const bareSchema = !marks.includes("BEGIN TRANSACTION") && !created.some((mark) => mark.includes("`"));
  const tablesAlone = created.length > 0 && !rows && (header || isArchive || bareSchema);
  const whole = header || marks.some((mark) => OF_SERVER.test(mark)) || isArchive;
  const [cutOff] = said(marks, CUT_OFF);
  return {
    // A table of contents in a form that is not known names no table.
    whole: whole && !marks.includes("TABLE DATA"),
    tablesAlone,
    tables: new Set(tables),
    more: marks.includes(MORE),
    ofSqlite: marks.includes("BEGIN TRANSACTION"),
    files,
    ...(cutOff === undefined ? {} : { cutOff }),
  };
}

/** Whether dumps have rows of a table, or a file of its name that is no SQL. */
export function holdsTable({ tables, files }: Dumped, name: string): boolean {
  return tables.has(bare(name)) || inFile(name, files);
}

function inFile(name: string, files: readonly string[]): boolean {
  const others = files.filter((file) => !/\.sql(\.\w+)?$/i.test(file));
  return others.some((file) => file.toLowerCase().split(/\W+/).includes(name.toLowerCase()));
}

function said(marks: readonly string[], what: string): string[] {
  return marks.filter((mark) => mark.startsWith(what)).map((mark) => mark.slice(what.length));
}

function createdBy(mark: string): string {
  return bare(mark.replace(/^CREATE TABLE (IF NOT EXISTS )?/, ""));
}

/** A table's name without schema and quotes. */
function bare(name: string): string {
  return (name.trim().split(".").at(-1) ?? "").replace(/["'`]/g, "");
}
