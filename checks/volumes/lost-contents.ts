import { posix } from "node:path";
import type { Cluster, Contents, Rows } from "./contents.ts";
import { isMadeAgain, isPassing } from "./lost-volumes.ts";

/** What programs write for the moment, and what goes with it beside a database. */
const MOMENTARY = /\.(pid|lock|lck|log|sock|socket|tmp|temp|swp|part|bak|old|orig)$|~$|-(wal|shm|journal)$/i;
/** What says of an app how far it is, which it takes away itself once it is further; and dumps, which hooks take away. */
const SIGN =
  /(^|[._-])(lock|locked|flag|ready|initiali[sz]ed|install(ed|er|ing)?|setup|first|pending|maintenance|migrat(e|ed|ing|ions?)|upgrad(e|ed|ing)|updat(e|ed|ing)|version|revision|running|started|alive|heartbeat|tokens?|initial|backups?|dump)([._-]|$)/i;
/** Tables that are emptied as an app starts. */
const EMPTIED =
  /(^|_)(sessions?|cached?|locks?|locked|semaphores?|queued?|queues|jobs?|outbox|deliver(y|ies)|retries|tokens?|nonces?|captchas?|te?mp|(access|audit)?logs?|watchdog|flood|throttles?|migrations?|versions?|heartbeats?|nodes?|workers?|processes|instances?|presence|online|pending|backlogs?|staging|background|attempts|visits|hits|metrics|stat(istic)?s|telemetry|analytics|to_(recalculate|process|send|delete|purge|index|rebuild|refresh|sync|update|check|fetch))(_|$)/i;

/** Files and tables that are there no more, and tables that have fewer rows than they had. */
export interface Lost {
  files: string[];
  tables: string[];
  fewer: Fewer[];
}

/** A table that lacks some of its rows. */
export interface Fewer {
  table: string;
  had: number;
  has: number;
}

/** What is gone of what was noted, where it was asked for, of all that has no name that says that it may go. */
function gone(noted: Contents, now: Contents): Omit<Lost, "fewer"> {
  const lost = (before: ReadonlySet<string>, after: ReadonlySet<string>) =>
    [...before].filter((one) => !after.has(one) && now.asked.has(/^[^/:]*/.exec(one)?.[0] ?? ""));
  const files = noted.allFiles && now.allFiles ? lost(noted.files, now.files).filter(mustLast) : [];
  return { files, tables: lost(noted.tables, now.tables).filter((table) => !mayBeEmpty(table)) };
}

/**
 * What a new version lost. Of rows it may do away with some; a table that was made anew, and has fewer, was overwritten.
 * It may have put it elsewhere: where there is something that was not there before, nobody can
 * say that it did not.
 */
export function lostByUpgrade(noted: Contents, now: Contents): Lost {
  const { files, tables } = gone(noted, now);
  const { newFile, newTable } = isNew(noted, now);
  return {
    files: newFile || newTable ? [] : files,
    tables: newTable ? [] : tables,
    fewer: newTable
      ? []
      : fewer(noted, now).filter(({ table }) => isMadeAnew(noted.rows.get(table), now.rows.get(table))),
  };
}

/** Whether there is something that was not there before, and may be what is lost, put elsewhere. */
export function isNew(noted: Contents, now: Contents): { newFile: boolean; newTable: boolean } {
  return {
    newFile: [...now.files].some((path) => !noted.files.has(path) && mustLast(path)),
    newTable: [...now.tables].some((table) => !noted.tables.has(table) && !mayBeEmpty(table)),
  };
}

/** Tables that still have rows, and fewer than they had. */
function fewer(noted: Contents, now: Contents): Fewer[] {
  return [...noted.rows].flatMap(([table, { count }]) => {
    const has = now.rows.get(table)?.count;
    return has === undefined || has >= count || mayBeEmpty(table) ? [] : [{ table, had: count, has }];
  });
}

/**
 * Whether a table is not the one that it was, but another with its name: what a server says of it is another, and in a
 * file of sqlite's rows are numbered from the first one on again. One that was tidied up keeps what it has.
 */
function isMadeAnew(before?: Rows, now?: Rows): boolean {
  if (!before || !now) return false;
  return before.made !== now.made || (now.last ?? 0) < (before.last ?? 0);
}

/**
 * What a restore did not bring back. A folder whose files have other names now is one in which names change, where the
 * app began on what came back; what it writes as it starts on nothing, for hooks to run in it, is no such thing.
 */
export function lostByRestore(noted: Contents, now: Contents, startedOnNothing: boolean): Lost {
  const { files, tables } = gone(noted, now);
  const fresh = startedOnNothing ? [] : [...now.files].filter((path) => !noted.files.has(path) && mustLast(path));
  const changing = new Set(fresh.map((path) => posix.dirname(path)));
  return {
    files: files.filter((path) => !changing.has(posix.dirname(path))),
    tables,
    fewer: fewer(noted, now),
  };
}

/** The database that Postgres has by itself. */
const BY_ITSELF = ": postgres.";

/** Tables of one database that are in the server's own now, which had none of them: read back into the wrong one. */
export function misplaced(noted: Contents, now: Contents): string[] {
  const own = [...now.tables].filter((table) => table.includes(BY_ITSELF) && !noted.tables.has(table));
  const names = [...noted.tables].map((table) => table.slice(table.lastIndexOf(".") + 1));
  return own.filter((table) => names.includes(table.slice(table.lastIndexOf(".") + 1)));
}

/**
 * A data folder of Postgres that is as base left it, beside a new one on which head's server runs. Who moves data opens
 * the old folder, as `pg_upgrade` and `pg_dump` have to.
 */
export function leftCluster(noted: Contents, now: Contents): { left: string; runs: string } | undefined {
  const known = ({ id }: Cluster) => noted.clusters.some((one) => one.id === id);
  const left = now.clusters.find((one) => known(one) && !one.runs && !one.started);
  const runs = now.clusters.find((one) => !known(one) && one.runs);
  return left && runs && { left: left.place, runs: runs.place };
}

/** Whether nothing about a file's path in its volume says that it is made again, or is of the moment. */
export function mustLast(path: string): boolean {
  const [, ...parts] = path.split("/");
  if (MOMENTARY.test(path) || SIGN.test(parts.at(-1) ?? "")) return false;
  return !parts.some(isPassing);
}

/** Whether a table is emptied, or filled again, by its app alone, as its name says. @param table as {@link placed} reads it */
export function mayBeEmpty(table: string): boolean {
  return EMPTIED.test(bareName(table)) || placed(table).name.split(".").some(isMadeAgain);
}

/** A table's own name, without its database's. @param table as {@link placed} reads it */
export function bareName(table: string): string {
  const { name } = placed(table);
  return name.slice(name.lastIndexOf(".") + 1);
}

/** A table, and the file or server that it is of, which a bare name does not say. @param text as `place: name`, or the name */
export function placed(text: string): { place: string; name: string } {
  const [, place = "", name = ""] = /^(?:(.*): )?(.*)$/s.exec(text) ?? [];
  return { place, name };
}
