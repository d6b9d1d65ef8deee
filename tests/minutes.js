// Where the minutes of a whole run of tests go, in words.
import { relative } from "node:path";

/** Files that are named. */
const LONGEST = 15;

/** @param {number} ms */
export const seconds = (ms) => `${Math.round(ms / 1000)} s`;

/**
 * Lines about vitest's own report: each folder's part of the time, and the files that took longest. Files go on side
 * by side, so that theirs is more than the folder's, and each of them longer than it is alone.
 *
 * @param {{ testResults: { name: string, startTime: number, endTime: number }[] }} report
 * @param {string} root of the checkout
 */
export function minutesOf({ testResults }, root) {
  const files = testResults.map(({ name, startTime, endTime }) => {
    const path = relative(root, name);
    return { path, folder: path.split("/").slice(0, 2).join("/"), startTime, endTime, took: endTime - startTime };
  });
  const folders = [...new Set(files.map(({ folder }) => folder))].map((folder) => {
    const own = files.filter((file) => file.folder === folder);
    const first = Math.min(...own.map(({ startTime }) => startTime));
    const last = Math.max(...own.map(({ endTime }) => endTime));
    const sum = own.reduce((total, { took }) => total + took, 0);
    return { first, line: `${folder}: ${own.length} files in ${seconds(last - first)}, ${seconds(sum)} side by side` };
  });
  const longest = files.toSorted((one, other) => other.took - one.took).slice(0, LONGEST);
  return [
    ...folders.toSorted((one, other) => one.first - other.first).map(({ line }) => line),
    ...longest.map(({ path, took }) => `${seconds(took)}  ${path}`),
  ];
}
