import { posix } from "node:path";
import type { Contents } from "./contents.ts";
import { mayBeEmpty, mustLast, placed } from "./lost-contents.ts";
import { IS_DATA, IS_DATABASE } from "./unread.ts";
import { isOfUsers } from "./written-over.ts";

/** What Docker calls a container that has no name of the recipe's. */
const CONTAINER = /^[0-9a-f]{12}$/;
/** Shorter names say nothing: `1`, `a`. */
const SHORT = 3;

/** A file of base's that nothing of head has read, and the one that head has instead. */
export interface Anew {
  left: string;
  begins: string;
}

/**
 * What head begins anew beside what base's app had: a file of sqlite's with base's tables under another name, or one
 * that is called as base's is in another folder, be that of the container's own name. Who takes over what is there has
 * to read it, and who goes on with it as well.
 */
export function begunAnew(noted: Contents, now: Contents): Anew | undefined {
  if (!noted.allFiles || !now.allFiles) return undefined;
  const fresh = [...now.files].filter((path) => !noted.files.has(path) && mustLast(path));
  for (const left of now.unread) {
    const begins = fresh.find((path) => isSameDatabase(noted, now, left, path) || isSameFile(noted, now, left, path));
    if (begins !== undefined) return { left, begins };
  }
  return undefined;
}

/** What a folder or file is called that is put aside. */
const ASIDE = /(^|[._ -])(old|bak|backup|orig|original|prev|previous|before|save|saved|legacy|broken)([._ -]?\d*)$|~$/i;

/**
 * A file of base's that lies elsewhere, as it was and read by nobody, while there is a new one in its place, or where the
 * name says that it was put aside. Who moves data goes on with them there, and begins no others.
 */
export function putAside(noted: Contents, now: Contents): Anew | undefined {
  for (const [left, before] of now.aside) {
    if (!isOfUsers(before) || !noted.files.has(before)) continue;
    const [was, is] = [before.split("/"), left.split("/")];
    const renamed = was.at(-1) !== is.at(-1);
    const named = is.filter((part) => !was.includes(part)).some((part) => ASIDE.test(part));
    const begun = now.files.has(before);
    if (takesOver(noted, now, before, left)) continue;
    if (renamed ? named && begun : named || begun) return { left, begins: before };
  }
  return undefined;
}

/** Whether head has read another of the files that went the same way. */
function takesOver(noted: Contents, now: Contents, before: string, left: string): boolean {
  let [from, to] = [before, left];
  while (from.includes("/") && posix.basename(from) === posix.basename(to)) {
    [from, to] = [posix.dirname(from), posix.dirname(to)];
  }
  const unread = new Set(now.aside.values());
  return [...noted.files].some((path) => path.startsWith(`${from}/`) && isOfUsers(path) && !unread.has(path));
}

/** Whether one has tables that the other had, and head has opened none of the databases of its volume. */
function isSameDatabase(noted: Contents, now: Contents, left: string, begins: string): boolean {
  const isLasting = (path: string) => IS_DATABASE.test(path) && mustLast(path);
  if (!isLasting(left) || !readsNone(noted, now, left, isLasting)) return false;
  const before = tablesOf(noted, left);
  return tablesOf(now, begins).some((name) => before.includes(name));
}

function tablesOf({ tables }: Contents, file: string): string[] {
  return [...tables].flatMap((table) => {
    const { place, name } = placed(table);
    return place === file && !mayBeEmpty(name) ? [name] : [];
  });
}

/** Whether one is called as the other, and head has read none of the data that its volume had. */
function isSameFile(noted: Contents, now: Contents, left: string, begins: string): boolean {
  const name = posix.basename(left);
  if (name.length < SHORT || posix.basename(begins) !== name || !isOfUsers(left) || !isOfUsers(begins)) return false;
  const isData = (path: string) => IS_DATA.test(path) && isOfUsers(path);
  return readsNone(noted, now, left, isData) && isOtherFolder(posix.dirname(left), posix.dirname(begins));
}

function readsNone(noted: Contents, now: Contents, path: string, which: (path: string) => boolean): boolean {
  const volume = `${path.split("/")[0]}/`;
  const known = [...noted.files].filter((one) => one.startsWith(volume) && which(one));
  return known.every((one) => now.unread.has(one));
}

// Folders side by side may be of a day each, or of a person.
function isOtherFolder(before: string, now: string): boolean {
  const isVolume = !before.includes("/");
  if (isVolume || posix.dirname(before) !== posix.dirname(now)) return true;
  return [before, now].every((folder) => CONTAINER.test(posix.basename(folder)));
}
