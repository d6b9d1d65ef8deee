import type { ServiceSpec } from "../../compose/app-spec.ts";
import type { BackupPlan } from "../../compose/labels/backup-labels.ts";
import { databaseServices, dumpsOf } from "../../compose/labels/databases.ts";
import type { CheckContext } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import type { Restic } from "../restic.ts";
import { backedUpPaths } from "../volumes/backed-up.ts";
import { isMadeAgain } from "../volumes/lost-volumes.ts";
import { ARCHIVE_MARKS, dumpedIn, MARKS } from "./dump-marks.ts";
import { type FilledTable, filledTables, placeOf } from "./filled-tables.ts";
import { BEGAN } from "./hook-output.ts";
import { hookNames } from "./hooks.ts";

/** Tables that a sentence names. */
const NAMED = 5;

// What the hooks wrote, where labels or its name say that it is a dump. A packed one is read as what is in it.
const READ = `marks="$1"; archive="$2"; shift 2
for path; do test -e "$path" && find "$path" -xdev -type f -newer ${BEGAN} \\( -path "$path" -o -name '*.sql*' -o -name '*dump*' -o -name '*backup*' -o -name toc.dat \\); done | head -n 50 |
while IFS= read -r file; do
  case "$(head -c 5 "$file" | od -An -tx1 | tr -d ' \\n')" in
    1f8b*) unpack="gzip -dc" ;;
    425a68*) unpack="bzip2 -dc" ;;
    fd377a58*) unpack="xz -dc" ;;
    28b52ffd*) unpack="zstd -dc" ;;
    *) unpack=cat ;;
  esac
  if [ "$($unpack < "$file" 2>/dev/null | head -c 5)" = PGDMP ]; then found="$archive"; else found="$marks"; fi
  $unpack < "$file" 2>/dev/null | LC_ALL=C grep -aoE -- "$found" | sort -u | head -n 5000
done`;

/** A database, and which of its tables have rows. */
interface Filled {
  service: Pick<ServiceSpec, "key">;
  tables: readonly FilledTable[];
}

/**
 * Sees to it that dumps have the rows of what they are dumps of. A dump of tables alone restores an empty app, and one
 * of another database than the app's, or of one of its two, is as good as none, while neither is empty.
 *
 * @param mayLose reasons, by key of a service, name of a database or `database.schema`, why nothing of it is needed
 * @returns what compares the dumps with what their databases hold now, once the hooks have made them
 */
export async function watchRows(
  context: CheckContext,
  plan: BackupPlan,
  restic: Restic,
  mayLose: Record<string, string> = {},
): Promise<() => Promise<void>> {
  if (plan.preHooks.length === 0) return async () => undefined;
  const all = databaseServices(context.app);
  const databases = databaseServices(context.app, mayLose).filter((one) => dumpsOf(one, plan, all).length > 0);
  // Of several, one may be backed up in a way that nobody else can read: what is in a dump is then nobody's for sure.
  const [service] = databases.length === 1 ? databases : [];
  const filled = service && { service, tables: (await filledTables(context, service)) ?? [] };
  return async () => {
    const text = await restic.inHelper(["sh", "-c", READ, "sh", MARKS, ARCHIVE_MARKS, ...backedUpPaths(plan)]);
    const problem = problemOf(text.split("\n").filter(Boolean), filled, mayLose);
    if (problem) throw new CheckFailure(`${hookNames(plan.preHooks)} succeeded, and ${problem}`);
  };
}

/** What a dump lacks, by its marks and the tables with rows; undefined where it may well be whole. */
export function problemOf(
  marks: readonly string[],
  filled?: Filled,
  mayLose: Record<string, string> = {},
): string | undefined {
  const { whole, tablesAlone, tables } = dumpedIn(marks);
  if (tablesAlone) return "the dump has tables and no rows: what is restored from it is empty";
  if (!whole || !filled || filled.tables.length === 0) return undefined;
  const { service, tables: known } = filled;
  const places = new Set(known.map(placeOf));
  const held = new Set(known.filter(({ name }) => tables.has(name)).map(placeOf));
  const missing = [...places].filter((place) => !held.has(place) && !isMadeAgain(place) && !(place in mayLose));
  if (missing.length === 0) return undefined;
  const lacking = known.filter((table) => missing.includes(placeOf(table)));
  if (lacking.length === known.length)
    return `the dump holds no row of the tables that ${service.key} has (${named(lacking)}): it is of another database, or leaves them out`;
  return `the dump holds no row of what ${service.key} has in ${missing.join(", ")} (${named(lacking)}). Where nothing of it is needed: mayLose in the recipe's ci.ts`;
}

function named(tables: readonly FilledTable[]): string {
  const names = tables.slice(0, NAMED).map(({ name }) => name);
  return `${names.join(", ")}${tables.length > NAMED ? " and more" : ""}`;
}
