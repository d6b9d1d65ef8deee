import { posix } from "node:path";
import type { BackupPlan } from "../../compose/labels/backup-labels.ts";
import { some } from "../../lib/plural.ts";
import { includedVolumes } from "../volumes/backed-up.ts";
import type { Seen } from "../volumes/contents.ts";
import { within } from "../volumes/keeps-volumes.ts";
import { mayBeEmpty, mustLast, placed } from "../volumes/lost-contents.ts";
import { UNLESS_NEEDLESS } from "../volumes/lost-volumes.ts";
import { dumpedIn } from "./dump-marks.ts";

/** What files of sqlite's are called, and dumps that are text. */
const SQLITE = /\.(db|db3|sqlite|sqlite3)$/i;
const BESIDE = /\.(db|db3|sqlite|sqlite3)-(wal|shm|journal)$|\.sql(\.\w+)?$/i;

/** Files of sqlite's, with the tables that have rows, as `volume/path: table`. */
export interface Copies {
  /** Before the hooks, and after them. */
  before: ReadonlySet<string>;
  after: ReadonlySet<string>;
  /** What is in the backup, as `volume` or `volume/path`. */
  backedUp: readonly string[];
}

/**
 * What the copies lack that hooks make of files of sqlite's which are not in the backup themselves. A copy of a path at
 * which nothing is holds no table, and one by `.dump notes` a single one: both succeed, and an app that fills its tables
 * anew looks well after them.
 *
 * @param seen before the hooks, and after them
 */
export function partialCopy(
  plan: BackupPlan,
  seen: Seen,
  marks: readonly string[],
  mayLose: Record<string, string>,
): string | undefined {
  const backedUp = includedVolumes(plan).flatMap(({ key, paths }) =>
    paths ? paths.map((path) => posix.join(key, path).replace(/\/$/, "")) : [key],
  );
  return problemOfCopies({ before: seen.noted.tables, after: seen.now.tables, backedUp }, marks, mayLose);
}

/** The same by what was found, with the marks of dumps that are text; undefined where they may well be whole. */
export function problemOfCopies(
  { before, after, backedUp }: Copies,
  marks: readonly string[],
  mayLose: Record<string, string> = {},
): string | undefined {
  const dumped = dumpedIn(marks);
  const copied = [...after].map(placed).filter(({ place }) => isHeld(place, backedUp));
  const isCopy = dumped.ofSqlite || copied.length > 0 || dumped.files.some((name) => SQLITE.test(name));
  // What is in any other file nobody can say.
  const other = dumped.files.some((name) => !SQLITE.test(name) && !BESIDE.test(name) && !isDump(name, dumped.ofSqlite));
  if (!isCopy || other || dumped.more) return undefined;
  const held = new Set([...copied.map(({ name }) => name), ...dumped.tables]);
  for (const [file, tables] of liveTables(before, after, backedUp)) {
    const lost = tables.filter((table) => !held.has(table) && !mayBeEmpty(table) && !(table in mayLose));
    if (lost.length === 0) continue;
    return lost.length === tables.length
      ? `what it wrote holds no row of ${file} (${some(lost)}): it is of another file, or of one that is empty. ${UNLESS_NEEDLESS}`
      : `what it wrote leaves out ${some(lost)}, which ${file} has rows of: nothing brings them back. ${UNLESS_NEEDLESS}`;
  }
  return undefined;
}

// A dump whose name tells nothing is one of those that were read.
function isDump(name: string, read: boolean): boolean {
  return read && /dump|backup/i.test(name);
}

/** Tables of files that are not in the backup and must last, which were there all the time. */
function liveTables(
  before: ReadonlySet<string>,
  after: ReadonlySet<string>,
  backedUp: readonly string[],
): Map<string, string[]> {
  const live = new Map<string, string[]>();
  for (const { place: file, name } of [...before].filter((text) => after.has(text)).map(placed)) {
    if (!file.includes("/") || isHeld(file, backedUp) || !mustLast(file)) continue;
    live.set(file, [...(live.get(file) ?? []), name]);
  }
  return live;
}

function isHeld(file: string, backedUp: readonly string[]): boolean {
  return file.includes("/") && backedUp.some((place) => within(file, place));
}
