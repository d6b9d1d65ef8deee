import type { AppSpec, VolumeSpec } from "../../compose/app-spec.ts";
import { databaseServices, isServer } from "../../compose/labels/databases.ts";
import { filledTables, nameOf } from "../backup/filled-tables.ts";
import { type KeptObject, keptLines, keptObject } from "../backup/kept-objects.ts";
import type { CheckContext } from "../check.ts";
import type { Restic } from "../restic.ts";
import { archiveFolder, MARKER } from "./archive-folder.ts";
import { isMadeAgain, lostVolumeAt, lostVolumes } from "./lost-volumes.ts";
import { madeAt } from "./made-at.ts";
import { userLines, usersIn } from "./noted-users.ts";
import { refusals } from "./refused-logins.ts";
import { filledSqliteTables } from "./sqlite-rows.ts";
import { DATABASE_NAMES, LOOK_MOVED, LOOK_UNREAD, MARK_AGAIN, MARK_UNREAD, TEXT_NAMES } from "./unread.ts";

/** What an app keeps at one time. */
export interface Contents {
  /** Files with something in them that were written since the app was made, by their volume's key and their path. */
  files: ReadonlySet<string>;
  /** Whether that is all of them. */
  allFiles: boolean;
  /** Tables with rows: of an SQLite file, or of a database's server. */
  tables: ReadonlySet<string>;
  /** How many rows those have. */
  rows: ReadonlyMap<string, Rows>;
  /** Keys of the volumes and servers that all this was asked of: those that did not say are not among them. */
  asked: ReadonlySet<string>;
  /** Whom servers refused until then; of base alone. */
  refused: ReadonlySet<string>;
  /** Files of data that nobody has read since the note, of base alone. */
  unread: ReadonlySet<string>;
  /** Where files of base lie elsewhere, which nobody has read since: by where they are, where they were. */
  aside: ReadonlyMap<string, string>;
  /** Data folders of Postgres. */
  clusters: readonly Cluster[];
  /** What servers know beside rows; of a backup alone. */
  objects: readonly KeptObject[];
}

/** Rows of a table. */
export interface Rows {
  count: number;
  /** What becomes another where a server makes the table anew. */
  made?: string;
  /** Number of the last row, of a file of sqlite's. */
  last?: number;
}

/** A data folder of Postgres, by its volume's key and its path. */
export interface Cluster {
  place: string;
  /** Of what `initdb` made there: another for each time. */
  id: string;
  runs: boolean;
  /** A server was started on it since the note. */
  started: boolean;
}

/** The note of what base keeps, and of what a backup was made of, in the helper. */
export type Note = "base" | "backup";

/** Files that are looked at, at most: with more nobody can say what is new among them. */
const MOST = 20_000;
const NOTED = "/recipe-ci-noted-";
/** Before the key of a server that says what it knows beside rows. */
export const KNOWS = "objects of ";
/** Line between the two. */
const NOW = "= now";

// Lines begin with a slash, whatever names hold. Databases are sent as they are, since the helper has no client.
const LOOK = `since="$1"; NOTED="$2"; SERVERS="$3"; list="$NOTED-files"; shift 3
for root; do test ! -d "$root" || find "$root" -xdev -type f -size +0c ! -name "${MARKER}" -newermt "@$since" 2>/dev/null; done | grep "^/" | head -n ${MOST} > "$list"
sed "s/^/F /" "$list"
grep -E "${DATABASE_NAMES}" "$list" | head -n 20 | while IFS= read -r path; do
  test "$(head -c 15 "$path" 2>/dev/null)" = "SQLite format 3" || continue
  test "$(wc -c < "$path")" -le 4194304 || continue
  printf "S %s\\t%s\\t" "$path" "$(base64 < "$path" | tr -d "\\n")"
  if test -f "$path-wal"; then base64 < "$path-wal" | tr -d "\\n"; fi
  echo
done
for root in $SERVERS; do find "$root" -xdev -maxdepth 6 -path "*/global/pg_control" 2>/dev/null; done | grep "^/" | head -n 20 | while IFS= read -r path; do
  folder="\${path%/global/pg_control}"
  test ! -e "$folder/postmaster.pid" && runs=no || runs=yes
  test "$folder/postmaster.opts" -nt "$NOTED" && started=yes || started=no
  printf "P %s\t%s\t%s\t%s\n" "$folder" "$(od -An -tx1 -N8 "$path" | tr -d " ")" "$runs" "$started"
done`;

// Small files of text by their names, which are compared with what a new app has.
const TEXTS = `grep -iE "${TEXT_NAMES}" "$list" | head -n 200 | while IFS= read -r path; do
  test "$(wc -c < "$path")" -le 8192 || continue
  printf "C %s\\t%s\\n" "$path" "$(base64 < "$path" | tr -d "\\n")"
done`;

/** Writes down what the app keeps now. @param mayLose reasons, by key of a volume or service, why nothing of it is needed */
export async function noteContents(
  context: CheckContext,
  restic: Restic,
  note: Note,
  mayLose: Record<string, string> = {},
): Promise<void> {
  const since = await sinceMade(context);
  const mark = note === "base" ? MARK_UNREAD : "true";
  const write = `{ cat; echo "T $1"; ${LOOK}; ${TEXTS}; } > "${NOTED}${note}"; ${mark}`;
  const ofBase = note === "base" ? [refusedLines(context, mayLose), userLines(context)] : [];
  const argv = lookBy(write, context.app, since, note, mayLose);
  const said = await Promise.all([askedLines(context, note, mayLose), ...ofBase]);
  await restic.inHelper(argv, said.join(""));
}

/** Corrects the note of a backup by what was seen later: rows that the app itself has worked off since are none that it had. */
export async function noteFewer(restic: Restic, { noted, now }: Seen): Promise<void> {
  const lines = [...noted.rows].flatMap(([table, { count }]) => {
    const left = now.rows.get(table);
    if (left === undefined) return [`G ${table}\n`];
    return left.count < count ? [`${rowsLine(table, left)}\n`] : [];
  });
  if (lines.length > 0) await restic.inHelper(["sh", "-c", `cat >> "$1"`, "sh", noteFile("backup")], lines.join(""));
}

async function sinceMade(context: CheckContext): Promise<string> {
  return String(Math.min(...(await Promise.all(context.app.services.map((service) => madeAt(context, service))))));
}

/** What was written down, with the small files of text. */
export async function notedTexts(
  app: AppSpec,
  restic: Restic,
  note: Note,
): Promise<Contents & { texts: Map<string, string> }> {
  const text = await noteOf(restic, note);
  return { ...contentsIn(app, text), texts: textsIn(app, text) };
}

/** Those that an app has now. @param mayLose as in {@link noteContents} */
export async function textsNow(
  context: CheckContext,
  restic: Restic,
  mayLose: Record<string, string> = {},
): Promise<Map<string, string>> {
  const script = `{ ${LOOK}; } > /dev/null; ${TEXTS}`;
  return textsIn(
    context.app,
    await restic.inHelper(lookBy(script, context.app, await sinceMade(context), "backup", mayLose)),
  );
}

function textsIn(app: AppSpec, text: string): Map<string, string> {
  const spoken = spokenIn(app);
  const lines = text.split("\n").filter((line) => line.startsWith("C "));
  return new Map(
    lines.map((line) => {
      const [path = "", bytes = ""] = line.slice(2).split("\t");
      return [spoken(path), Buffer.from(bytes, "base64").toString("latin1")];
    }),
  );
}

/** Where a note lies in the helper, which was written at its time. */
export function noteFile(note: Note): string {
  return NOTED + note;
}

function noteOf(restic: Restic, note: Note): Promise<string> {
  return restic.inHelper(["sh", "-c", `test ! -e "$1" || cat "$1"`, "sh", NOTED + note]);
}

/** What was written down, and what the app keeps at another time, of all that was written since then. */
export interface Seen {
  noted: Contents;
  now: Contents;
}

/** The one, and what there is now; undefined where nothing was written down. */
export async function notedAndNow(
  context: CheckContext,
  restic: Restic,
  note: Note,
  mayLose: Record<string, string> = {},
): Promise<Seen | undefined> {
  const compare = `test -e "$2" || exit 0; cat "$2"; echo "${NOW}"; since="$(sed -n "s/^T //p" "$2")"; shift; set -- "$since" "$@"; NOTED="$2"; SERVERS="$3"; ${LOOK_UNREAD}; shift 3; ${LOOK_MOVED}; set -- "$since" "$NOTED" "$SERVERS" "$@"; ${LOOK}; ${MARK_AGAIN}`;
  const argv = lookBy(compare, context.app, "", note, mayLose);
  const [servers, text] = await Promise.all([askedLines(context, note, mayLose), restic.inHelper(argv)]);
  if (text === "") return undefined;
  const at = text.indexOf(`\n${NOW}\n`);
  return { noted: contentsIn(context.app, text.slice(0, at)), now: contentsIn(context.app, servers + text.slice(at)) };
}

/** Whom servers had refused by the time of the note. */
export async function notedRefusals(app: AppSpec, restic: Restic, note: Note): Promise<ReadonlySet<string>> {
  return contentsIn(app, await noteOf(restic, note)).refused;
}

/** Whom base's processes ran as by the time of its note, by the key of their service. */
export async function notedUsers(restic: Restic): Promise<ReadonlyMap<string, ReadonlySet<number>>> {
  return usersIn(await noteOf(restic, "base"));
}

/** Looks into the volumes in which no database's server has its own files, and in those of servers for these alone. */
function lookBy(
  script: string,
  app: AppSpec,
  since: string,
  note: Note,
  mayLose: Record<string, string>,
): [string, ...string[]] {
  const lasting = lastingVolumes(app, mayLose);
  const serving = ({ name }: VolumeSpec) =>
    app.services.some((service) => isServer(service) && service.mounts.some(({ source }) => source === name));
  const folders = (volumes: readonly VolumeSpec[]) => volumes.map(({ name }) => archiveFolder(name));
  const servers = folders(lasting.filter(serving)).join(" ");
  const others = folders(lasting.filter((volume) => !serving(volume)));
  return ["sh", "-c", script, "sh", since, NOTED + note, servers, ...others];
}

function lastingVolumes(app: AppSpec, mayLose: Record<string, string>): VolumeSpec[] {
  return lostVolumes(app).filter(({ key }) => !(key in mayLose) && !isMadeAgain(key));
}

/** What servers have, after the keys of all that is asked. */
async function askedLines(context: CheckContext, note: Note, mayLose: Record<string, string>): Promise<string> {
  const asked = databaseServices(context.app, mayLose).map(async (service) => {
    // Head may do away with what is no row.
    const objects = note === "backup" ? keptLines(context, service) : undefined;
    const [tables, known] = await Promise.all([filledTables(context, service), objects]);
    const lines = tables?.map((table) =>
      rowsLine(`${service.key}: ${nameOf(table)}`, { count: table.rows, made: table.made }),
    );
    const knows = known ? [`K ${KNOWS}${service.key}`, ...known.map((line) => `O ${service.key}\t${line}`)] : [];
    return [...(lines ? [`K ${service.key}`, ...lines] : []), ...knows];
  });
  const volumes = lastingVolumes(context.app, mayLose).map(({ key }) => `K ${key}`);
  return [...volumes, ...(await Promise.all(asked)).flat()].map((line) => `${line}\n`).join("");
}

function rowsLine(table: string, { count, made = "" }: Rows): string {
  return `D ${table}\t${count}\t${made}`;
}

async function refusedLines(context: CheckContext, mayLose: Record<string, string>): Promise<string> {
  const asked = databaseServices(context.app, mayLose).map((service) => refusals(context, service, true));
  return (await Promise.all(asked)).flatMap((found) => found.map(({ says }) => `L ${says}\n`)).join("");
}

function contentsIn(app: AppSpec, text: string): Contents {
  const files = new Set<string>();
  const rows = new Map<string, Rows>();
  const asked = new Set<string>();
  const refused = new Set<string>();
  const unread = new Set<string>();
  const clusters: Cluster[] = [];
  const spoken = spokenIn(app);
  for (const line of text.split("\n")) {
    const [path = "", file = "", log = ""] = line.slice(2).split("\t");
    if (line.startsWith("F ")) files.add(spoken(line.slice(2)));
    else if (line.startsWith("D ")) rows.set(path, { count: Number(file), made: log });
    else if (line.startsWith("G ")) rows.delete(line.slice(2));
    else if (line.startsWith("K ")) asked.add(line.slice(2));
    else if (line.startsWith("L ")) refused.add(line.slice(2));
    else if (line.startsWith("U ")) unread.add(spoken(line.slice(2)));
    else if (line.startsWith("P ")) clusters.push(clusterIn(line.slice(2), spoken));
    else if (line.startsWith("S ")) {
      const filled = filledSqliteTables(Buffer.from(file, "base64"), Buffer.from(log, "base64"));
      for (const { name, rows: count, last } of filled) rows.set(`${spoken(path)}: ${name}`, { count, last });
    }
  }
  const [aside, objects] = [asideIn(text, spoken), objectsIn(text)];
  const known = { files, rows, asked, refused, unread, aside, clusters, objects };
  return { ...known, allFiles: files.size < MOST, tables: new Set(rows.keys()) };
}

function asideIn(text: string, spoken: (path: string) => string): Map<string, string> {
  const lines = text.split("\n").filter((line) => line.startsWith("V "));
  return new Map(
    lines.map((line) => {
      const [before = "", left = ""] = line.slice(2).split("\t");
      return [spoken(left), spoken(before)];
    }),
  );
}

function objectsIn(text: string): KeptObject[] {
  const lines = text.split("\n").filter((line) => line.startsWith("O "));
  return lines.map((line) => keptObject(line.slice(2, line.indexOf("\t")), line.slice(line.indexOf("\t") + 1)));
}

/** Paths by the key of their volume, which a new app has as well. */
function spokenIn(app: AppSpec): (path: string) => string {
  const volumeAt = lostVolumeAt(app);
  return (path) => {
    const place = volumeAt(path);
    return place ? [place.key, ...(place.inner ? [place.inner] : [])].join("/") : path;
  };
}

function clusterIn(line: string, spoken: (path: string) => string): Cluster {
  const [path = "", id = "", runs, started] = line.split("\t");
  return { place: spoken(path), id, runs: runs === "yes", started: started === "yes" };
}
