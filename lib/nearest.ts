import { closest, distance } from "fastest-levenshtein";

/** The known name that a mistaken one was most likely meant to be; undefined when none is near. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const found = closest(given.toLowerCase(), known);
  // Half of a name may be wrong, three letters at most: beyond that it is another word.
  return distance(given.toLowerCase(), found.toLowerCase()) <= Math.min(3, Math.ceil(found.length / 2))
    ? found
    : undefined;
}
