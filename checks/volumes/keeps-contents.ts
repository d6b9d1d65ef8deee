import type { AppSpec } from "../../compose/app-spec.ts";
import { backupPlan } from "../../compose/labels/backup-labels.ts";
import { plural, some } from "../../lib/plural.ts";
import { type Attempt, DeadlineError, until } from "../../lib/until.ts";
import { hasRestoreHooks } from "../backup/disaster.ts";
import type { CheckContext, CheckFunction, ResticOf } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { begunAnew, putAside } from "./begun-anew.ts";
import { type Contents, KNOWS, type Note, notedAndNow, type Seen } from "./contents.ts";
import { emptiedByHooks } from "./drained.ts";
import { type Lost, leftCluster, lostByRestore, lostByUpgrade, misplaced, placed } from "./lost-contents.ts";
import { lostObjects, lostWords } from "./lost-objects.ts";
import { UNLESS_NEEDLESS } from "./lost-volumes.ts";
import { writtenElsewhere } from "./written-elsewhere.ts";

interface Kept {
  note: Note;
  lost: (noted: Contents, now: Contents, app: AppSpec) => Lost;
  /** @throws CheckFailure where what there is now shows by itself that something is wrong */
  first: (noted: Contents, now: Contents) => void;
  /** What is wrong though nothing is lost, a sentence; it may be otherwise a moment later. Default: nothing. */
  beside?: (noted: Contents, now: Contents, mayLose: Record<string, string>) => string | undefined;
  /** What to say of what is lost. */
  says: (what: string) => string;
}

const UPGRADE: Kept = {
  note: "base",
  lost: lostByUpgrade,
  first: assertSameCluster,
  beside: leftBeside,
  says: (what) =>
    `head has lost ${what}, which base's app had, and nothing new is there instead: something of head's start takes it away, or head can't read it`,
};

const RESTORE: Kept = {
  note: "backup",
  lost: (noted, now, app) => lostByRestore(noted, now, hasRestoreHooks(backupPlan(app))),
  first: assertInPlace,
  beside: lacksObjects,
  says: (what) => `the restore does not bring back ${what}, which the app had when it was backed up`,
};

const BACKUP: Kept = {
  note: "backup",
  // Some hooks tidy up before they dump.
  lost: (noted, now, app) => {
    const { files, tables } = lostByRestore(noted, now, false);
    return { files, tables: tables.filter(emptiedByHooks(app, noted, now)), fewer: [] };
  },
  first: () => undefined,
  says: (what) =>
    `the hooks of the backup take away ${what}, which the app had before them: a backup has to leave the app's data as they are, or backupbot.backup.post-hook has to bring them back`,
};

/**
 * What base's app wrote is still there: a file of ours in a volume shows nothing of an entry point that takes away what
 * it knows, or of a migration that drops a table. Files and tables are compared by their names, and tables by how many rows
 * they have; never by what is in them.
 *
 * @param mayLose reasons, by key of a volume or service, why nothing of it is needed
 */
export function upgradeKeeps(resticOf: ResticOf, mayLose?: Record<string, string>): CheckFunction {
  const then = async (context: CheckContext, files: ReadonlySet<string>) => {
    const elsewhere = await writtenElsewhere(context, resticOf, files, mayLose);
    if (elsewhere.length > 0) throw new CheckFailure(elsewhere.join("\n"));
  };
  return keeps(UPGRADE, resticOf, mayLose, { then });
}

/** What the app had when it was backed up is there again. @param mayLose as in {@link upgradeKeeps} */
export function restoreBrings(resticOf: ResticOf, mayLose?: Record<string, string>): CheckFunction {
  return keeps(RESTORE, resticOf, mayLose);
}

/**
 * The hooks of a backup have taken nothing of what the app had.
 *
 * @param mayLose as in {@link upgradeKeeps}
 * @param seen after all of them. Default: it is looked
 */
export function backupLeaves(resticOf: ResticOf, mayLose?: Record<string, string>, seen?: Seen): CheckFunction {
  return keeps(BACKUP, resticOf, mayLose, { seen });
}

/** What is known before, and what comes at last. */
interface Around {
  /** A first look. Default: there was none. */
  seen?: Seen | undefined;
  /** Asked with the files that were noted; of none where nothing was. */
  then?: (context: CheckContext, files: ReadonlySet<string>) => Promise<void>;
}

function keeps(
  { note, lost, first, beside, says }: Kept,
  resticOf: ResticOf,
  mayLose?: Record<string, string>,
  { seen: known, then }: Around = {},
): CheckFunction {
  return async (context) => {
    const restic = resticOf(context);
    let files: ReadonlySet<string> = new Set();
    let summary = "nothing of it was written down";
    const moves = watchMoves();
    let earlier = known;
    const look = async (): Promise<Attempt<undefined>> => {
      const seen = earlier ?? (await notedAndNow(context, restic, note, mayLose));
      earlier = undefined;
      if (!seen) return { done: true, value: undefined };
      const { noted, now } = seen;
      first(noted, now);
      files = noted.files;
      summary = `${plural(noted.files.size, "file")} and ${plural(noted.tables.size, "table")} of the app`;
      const isMoving = moves(now);
      const { fewer, ...found } = lost(noted, now, context.app);
      const still = { ...found, fewer: fewer.filter(({ table }) => !isMoving(table)) };
      const what = spoken(withoutNamed(still, mayLose));
      const wrong = what === undefined ? beside?.(noted, now, mayLose ?? {}) : says(what);
      return wrong === undefined ? { done: true, value: undefined } : { done: false, reason: wrong };
    };
    const wrong = await reasonOf(look, context);
    if (wrong !== undefined) throw new CheckFailure(`${wrong}. ${UNLESS_NEEDLESS}`);
    await then?.(context, files);
    return { summary };
  };
}

function assertSameCluster(noted: Contents, now: Contents): void {
  const moved = leftCluster(noted, now);
  if (!moved) return;
  throw new CheckFailure(
    `Postgres of head begins with an empty data folder (${moved.runs}), and base's lies beside it as it was (${moved.left}): nothing takes over what is in it. Leave PGDATA and the volume's place as they were, or have a service move the data`,
  );
}

function assertInPlace(noted: Contents, now: Contents): void {
  const wrong = misplaced(noted, now);
  if (wrong.length === 0) return;
  throw new CheckFailure(
    `the restore has put ${some(wrong)} into the server's own database, where the app had none of them: backupbot.restore.post-hook reads the dump into another database than the one it was made of`,
  );
}

function lacksObjects(noted: Contents, now: Contents, mayLose: Record<string, string>): string | undefined {
  const asked = new Set([...now.asked].flatMap((key) => (key.startsWith(KNOWS) ? key.slice(KNOWS.length) : [])));
  const lost = lostObjects(noted.objects, now.objects, asked).filter(({ name }) => !isNamed(name, mayLose));
  if (lost.length === 0) return undefined;
  const { what, remedy } = lostWords(lost);
  return `the restore does not bring back ${what}, which the app's database had when it was backed up${remedy}`;
}

function leftBeside(noted: Contents, now: Contents): string | undefined {
  const aside = putAside(noted, now);
  if (aside)
    return `head puts base's ${aside.begins} aside (${aside.left}), where nothing of it reads that, and begins anew: users find nothing of what they had. Leave names and folders of data as they were, or take over what is there`;
  const anew = begunAnew(noted, now);
  if (!anew) return undefined;
  return `head begins with a new ${anew.begins}, and has not read base's ${anew.left}, which lies beside it as it was: users find nothing of what they had. Leave names and folders of data as they were, or take over what is there`;
}

/** What is still wrong after a while: an app that just started may be at it. */
async function reasonOf(look: () => Promise<Attempt<undefined>>, context: CheckContext): Promise<string | undefined> {
  const wait = { what: "what the app had", deadline: "8 s", every: "1 s", signal: context.signal } as const;
  try {
    await until(look, { ...wait, clock: context.clock });
    return undefined;
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error;
    return error.lastReason;
  }
}

/** Of tables, those are left out of which the definition says that nothing is needed: one by one, or all of a database. */
function withoutNamed({ files, tables, fewer }: Lost, mayLose: Record<string, string> = {}): Lost {
  return {
    files,
    tables: tables.filter((table) => !isNamed(placed(table).name, mayLose)),
    fewer: fewer.filter(({ table }) => !isNamed(placed(table).name, mayLose)),
  };
}

function isNamed(name: string, mayLose: Record<string, string>): boolean {
  return Object.keys(mayLose).some((one) => name === one || name.startsWith(`${one}.`));
}

/** Tables in which rows come and go while they are looked at: how many there are at one time says nothing. */
function watchMoves(): (now: Contents) => (table: string) => boolean {
  const last = new Map<string, number>();
  const moving = new Set<string>();
  return ({ rows }) => {
    for (const [table, { count }] of rows) {
      if ((last.get(table) ?? count) !== count) moving.add(table);
      last.set(table, count);
    }
    return (table) => moving.has(table);
  };
}

function spoken({ files, tables, fewer }: Lost): string | undefined {
  const parts = [
    ...(files.length > 0 ? [`the files ${some(files)}`] : []),
    ...(tables.length > 0 ? [`the rows of ${some(tables)}`] : []),
    ...fewer.slice(0, 3).map(({ table, had, has }) => `${had - has} of the ${had} rows of ${table}`),
  ];
  return parts.length > 0 ? parts.join(" and ") : undefined;
}
