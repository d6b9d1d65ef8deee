import { posix } from "node:path";
import type { Cluster, Contents } from "./contents.ts";
import { isMadeAgain, isPassing } from "./lost-volumes.ts";

/** What programs write for the moment, and what goes with it beside a database. */
const MOMENTARY = /\.(pid|lock|lck|log|sock|socket|tmp|temp|swp|part|bak|old|orig)$|~$|-(wal|shm|journal)$/i;
/** What says of an app how far it is, which it takes away itself once it is further; and dumps, which hooks take away. */
const SIGN =
  /(^|[._-])(lock|locked|flag|ready|initiali[sz]ed|install(ed|er|ing)?|setup|first|pending|maintenance|migrat(e|ed|ing|ions?)|upgrad(e|ed|ing)|updat(e|ed|ing)|version|revision|running|started|alive|heartbeat|tokens?|initial|backups?|dump)([._-]|$)/i;
/** Tables that are emptied as an app starts. */
const EMPTIED =
  /(^|_)(sessions?|cached?|locks?|locked|queued?|queues|jobs?|tokens?|te?mp|logs?|migrations?|versions?|heartbeats?|nodes?|workers?|processes|instances?|presence|online|pending)(_|$)/i;

/** Files and tables that are there no more. */
export interface Lost {
  files: string[];
  tables: string[];
}

/** What is gone of what was noted, where it was asked for, of all that has no name that says that it may go. */
export function gone(noted: Contents, now: Contents): Lost {
  const lost = (before: ReadonlySet<string>, after: ReadonlySet<string>) =>
    [...before].filter((one) => !after.has(one) && now.asked.has(/^[^/:]*/.exec(one)?.[0] ?? ""));
  const files = noted.allFiles && now.allFiles ? lost(noted.files, now.files).filter(mustLast) : [];
  return { files, tables: lost(noted.tables, now.tables).filter((table) => !mayBeEmpty(table)) };
}

/**
 * What a new version lost. It may have put it elsewhere: where there is something that was not there before, nobody can
 * say that it did not.
 */
export function lostByUpgrade(noted: Contents, now: Contents): Lost {
  const { files, tables } = gone(noted, now);
  const newFile = [...now.files].some((path) => !noted.files.has(path) && mustLast(path));
  const newTable = [...now.tables].some((table) => !noted.tables.has(table) && !mayBeEmpty(table));
  return { files: newFile || newTable ? [] : files, tables: newTable ? [] : tables };
}

/**
 * What a restore did not bring back. A folder whose files have other names now is one in which names change, where the
 * app began on what came back; what it writes as it starts on nothing, for hooks to run in it, is no such thing.
 */
export function lostByRestore(noted: Contents, now: Contents, startedOnNothing: boolean): Lost {
  const { files, tables } = gone(noted, now);
  const fresh = startedOnNothing ? [] : [...now.files].filter((path) => !noted.files.has(path) && mustLast(path));
  const changing = new Set(fresh.map((path) => posix.dirname(path)));
  return { files: files.filter((path) => !changing.has(posix.dirname(path))), tables };
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

function mayBeEmpty(table: string): boolean {
  const name = table.slice(table.lastIndexOf(": ") + 2);
  return EMPTIED.test(name.slice(name.lastIndexOf(".") + 1)) || name.split(".").some(isMadeAgain);
}
