/** A length of time with its unit, as people write it: `"250 ms"`, `"30 s"`, `"5 min"`. */
export type Duration = `${number} ms` | `${number} s` | `${number} min`;

const FACTORS: Record<string, number> = { ms: 1, s: 1000, min: 60_000 };

/** Milliseconds in a duration. */
export function milliseconds(duration: Duration): number {
  const [amount = "", unit = ""] = duration.split(" ");
  const factor = FACTORS[unit];
  const value = Number(amount);
  if (factor === undefined || !Number.isFinite(value) || value < 0)
    throw new RangeError(`not a duration: "${duration}"`);
  return value * factor;
}

/** A time span for people: `850 ms`, `3.2 s`, `4 min 05 s`. */
export function humanize(ms: number): string {
  if (Math.round(ms) < 1000) return `${Math.round(ms)} ms`;
  if (Math.round(ms / 100) < 600) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}

/** A time span for people who wait: `36 s`, `4 min 05 s`. */
export function wholeSeconds(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}
