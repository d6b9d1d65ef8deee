import { isMadeAgain } from "./lost-volumes.ts";

/** Folders in which apps keep what their users bring. */
const BROUGHT =
  /\/(uploads?|attachments?|media|avatars?|photos|pictures|documents|user-?_?(data|files|uploads))\/(.*\/)?(?!index\.)[^/.][^/]*$/i;
/** What comes with programs, and is put there by them. */
const OF_PROGRAMS = /\.(css|js|mjs|map|html?|php|woff2?|ttf|svg|pyc?|rb|so|jar|class)$/i;

/** Whether a path in a container is where users' files are, and no part of a program or made again. */
export function isBrought(path: string): boolean {
  return BROUGHT.test(path) && !OF_PROGRAMS.test(path) && !isScratchPath(path);
}

/** Whether a path says of itself that what is there need not last, or is made again. */
export function isScratchPath(path: string): boolean {
  return path.split("/").some((part) => isMadeAgain(part.replace(/^\.cache$/, "cache")));
}
