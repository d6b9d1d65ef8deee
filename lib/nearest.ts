import { closest, distance } from "fastest-levenshtein";

/** The known name that a mistaken one was most likely meant to be, whatever the case; undefined when none is near. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const [low, lower] = [given.toLowerCase(), known.map((name) => name.toLowerCase())];
  const found = closest(low, lower);
  // Half of a name may be wrong, three letters at most: beyond that it is another word.
  if (distance(low, found) > Math.min(3, Math.ceil(found.length / 2))) return undefined;
  return known[lower.indexOf(found)];
}

/** Remedy for a name that is not known: the one that was likely meant, `otherwise` where none is near. */
export function meant(given: string, known: readonly string[], otherwise: string): string {
  const near = nearest(given, known);
  return near ? `did you mean ${near}?` : otherwise;
}
