/** A release tag of a recipe, `x.y.z+app`: the maintainer's own version, then that of the app image. */
export interface RecipeVersion {
  /** The tag as written. */
  text: string;
  /** x, y and z. */
  own: readonly [number, number, number];
  /** What follows the `+`, e.g. `v1.6.870-0`; empty where the tag has none. */
  app: string;
}

const PATTERN = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:\+([0-9A-Za-z][0-9A-Za-z._+-]{0,127}))?$/;

/** Reads `x.y.z+app`, or `x.y.z` as early recipes have it; undefined for anything else. */
export function parseVersion(text: string): RecipeVersion | undefined {
  const match = PATTERN.exec(text);
  if (!match) return undefined;
  return { text, own: [Number(match[1]), Number(match[2]), Number(match[3])], app: match[4] ?? "" };
}

/** How many tags of a kind are named. */
const NAMED = 3;

/** A warning for tags that hold a version in a form that abra does not take, such as `v1.2.3` or `1.2`. */
export function almostVersions(tags: readonly string[]): string[] {
  const meant = tags.filter((tag) => /^(v|version|release|rel)?[-_./]?\d+(\.\d+)+/i.test(tag));
  if (meant.length === 0) return [];
  const more = meant.length > NAMED ? ` and ${meant.length - NAMED} more` : "";
  const names = meant.slice(-NAMED).join(", ");
  const [subject, verb] = meant.length === 1 ? ["tag", "is no release"] : ["tags", "are no releases"];
  return [`${subject} ${names}${more} ${verb} to abra, and not counted: it takes x.y.z+app, e.g. 1.2.3+4.5`];
}

/** Oldest first: x, y, z as numbers, then the app's part with its numbers compared as numbers. */
export function compareVersions(left: RecipeVersion, right: RecipeVersion): number {
  for (const place of [0, 1, 2] as const) {
    const difference = left.own[place] - right.own[place];
    if (difference !== 0) return difference;
  }
  return compareApp(left.app, right.app) || compareText(left.text, right.text);
}

function compareApp(left: string, right: string): number {
  const [a, b] = [pieces(left), pieces(right)];
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const difference = comparePiece(a[index] ?? "", b[index] ?? "");
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** `v1.24.2-rootless` → `1 24 2 rootless`: a leading `v` says nothing. */
function pieces(app: string): string[] {
  return app.replace(/^v(?=\d)/, "").match(/\d+|[A-Za-z]+/g) ?? [];
}

function comparePiece(left: string, right: string): number {
  const numbers = [/^\d/.test(left), /^\d/.test(right)];
  if (numbers[0] && numbers[1]) return compareDigits(left, right);
  if (numbers[0] !== numbers[1]) return numbers[0] ? 1 : -1;
  return compareText(left, right);
}

/** Digits of any length, e.g. a build date, without losing any to a double. */
function compareDigits(left: string, right: string): number {
  const [a, b] = [left.replace(/^0+(?=\d)/, ""), right.replace(/^0+(?=\d)/, "")];
  return a.length - b.length || compareText(a, b);
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
