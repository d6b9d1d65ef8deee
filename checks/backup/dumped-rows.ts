import type { AppSpec, ServiceSpec } from "../../compose/app-spec.ts";
import type { BackupPlan } from "../../compose/labels/backup-labels.ts";
import { databaseServices, dumpsOf } from "../../compose/labels/databases.ts";
import { some } from "../../lib/plural.ts";
import type { CheckContext } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import type { Restic } from "../restic.ts";
import { archiveFolder } from "../volumes/archive-folder.ts";
import { backedUpPaths } from "../volumes/backed-up.ts";
import { notedAndNow, type Seen } from "../volumes/contents.ts";
import { within } from "../volumes/keeps-volumes.ts";
import { mayBeEmpty } from "../volumes/lost-contents.ts";
import { isMadeAgain, UNLESS_NEEDLESS } from "../volumes/lost-volumes.ts";
import { dumpedIn, holdsTable } from "./dump-marks.ts";
import { filledTables, type NamedTable, nameOf, placeOf } from "./filled-tables.ts";
import { hookNames } from "./hooks.ts";
import { partialCopy } from "./partial-copies.ts";
import { readMarks } from "./read-marks.ts";

/** A database, and which of its tables have rows. */
interface Filled {
  service: Pick<ServiceSpec, "key">;
  tables: readonly NamedTable[];
}

/**
 * Sees to it that dumps have the rows of what they are dumps of. A dump of tables alone restores an empty app, and one
 * of another database than the app's, or without one of its tables, is as good as none for what it lacks, while nothing
 * of it is empty.
 *
 * @param mayLose reasons, by key of a service, name of a database, `database.schema` or `database.table`, why nothing
 *   of it is needed
 * @returns what compares the dumps with what their databases hold now, once the hooks have made them, and tells what
 *   the app keeps then
 */
export async function watchRows(
  context: CheckContext,
  plan: BackupPlan,
  restic: Restic,
  mayLose: Record<string, string> = {},
): Promise<() => Promise<Seen | undefined>> {
  if (plan.preHooks.length === 0) return async () => undefined;
  const all = databaseServices(context.app);
  const dumped = databaseServices(context.app, mayLose).filter((one) => dumpsOf(one, plan, all).length > 0);
  const filled = await Promise.all(dumped.map(async (service) => ({ service, tables: await ask(context, service) })));
  return async () => {
    const [marks, seen] = await Promise.all([readMarks(plan, restic), notedAndNow(context, restic, "backup", mayLose)]);
    const problem =
      problemOf(marks) ??
      (seen && partialCopy(plan, seen, marks, mayLose)) ??
      (await lackingOf(
        context,
        filled,
        (service) => ownMarks(context.app, plan, restic, service, all, marks),
        mayLose,
      ));
    if (problem) throw new CheckFailure(`${hookNames(plan.preHooks)} succeeded, and ${problem}`);
    return seen;
  };
}

async function lackingOf(
  context: CheckContext,
  filled: readonly { service: ServiceSpec; tables: readonly NamedTable[] }[],
  marksOf: (service: ServiceSpec) => Promise<readonly string[]>,
  mayLose: Record<string, string>,
): Promise<string | undefined> {
  for (const { service, tables } of filled) {
    const marks = await marksOf(service);
    if (problemOf(marks, { service, tables }, mayLose) === undefined) continue;
    // What came and went while the dump was made is in it or not.
    const still = new Set((await ask(context, service)).map(nameOf));
    const stayed = tables.filter((table) => still.has(nameOf(table)));
    const problem = problemOf(marks, { service, tables: stayed }, mayLose);
    if (problem) return problem;
  }
  return undefined;
}

async function ask(context: CheckContext, service: ServiceSpec): Promise<readonly NamedTable[]> {
  return (await filledTables(context, service)) ?? [];
}

/** Of several databases each has its dump in a volume of its own, or nobody can say which is whose. */
async function ownMarks(
  app: AppSpec,
  plan: BackupPlan,
  restic: Restic,
  service: ServiceSpec,
  all: readonly ServiceSpec[],
  marks: readonly string[],
): Promise<readonly string[]> {
  if (all.length === 1) return marks;
  const others = all.filter(({ key }) => key !== service.key).flatMap(({ mounts }) => mounts);
  const own = app.volumes.filter(
    ({ name }) => service.mounts.some(({ source }) => source === name) && !others.some(({ source }) => source === name),
  );
  const folders = own.map(({ name }) => archiveFolder(name));
  const paths = backedUpPaths(plan).filter((path) => folders.some((folder) => within(path, folder)));
  return paths.length > 0 ? readMarks(plan, restic, paths) : [];
}

/** What a dump lacks, by its marks and the tables with rows; undefined where it may well be whole. */
export function problemOf(
  marks: readonly string[],
  filled?: Filled,
  mayLose: Record<string, string> = {},
): string | undefined {
  const dumped = dumpedIn(marks);
  if (dumped.tablesAlone) return "the dump has tables and no rows: what is restored from it is empty";
  if (dumped.cutOff) {
    return `the dump ${dumped.cutOff} breaks off before its end: what writes it fails on the way, and the hook hides that`;
  }
  if (!dumped.whole || dumped.more || !filled || filled.tables.length === 0) return undefined;
  const { service, tables: known } = filled;
  const places = new Set(known.map(placeOf));
  const held = new Set(known.filter(({ name }) => holdsTable(dumped, name)).map(placeOf));
  const missing = [...places].filter((place) => !held.has(place) && !isMadeAgain(place) && !(place in mayLose));
  const lacking = known.filter((table) => missing.includes(placeOf(table)));
  if (lacking.length === known.length)
    return `the dump holds no row of the tables that ${service.key} has (${named(lacking)}): it is of another database, or leaves them out`;
  if (missing.length > 0)
    return `the dump holds no row of what ${service.key} has in ${missing.join(", ")} (${named(lacking)}). ${UNLESS_NEEDLESS}`;
  const left = known.filter((table) => held.has(placeOf(table)) && !holdsTable(dumped, table.name));
  const lost = left.map(nameOf).filter((name) => isJudged(name) && !(name in mayLose));
  if (lost.length === 0) return undefined;
  return `the dump leaves out ${some(lost)}, which ${service.key} has rows of: nothing brings them back. ${UNLESS_NEEDLESS}`;
}

/** Whether a table must last, by its name, and is called so by client and dump alike, whatever their alphabets. */
function isJudged(name: string): boolean {
  return !mayBeEmpty(name) && /^[ -~]+$/.test(name);
}

function named(tables: readonly NamedTable[]): string {
  return some(
    tables.map(({ name }) => name),
    5,
  );
}
