const UNITS: [string, number][] = [
  ["h", 3_600_000_000_000],
  ["m", 60_000_000_000],
  ["s", 1_000_000_000],
  ["ms", 1_000_000],
  ["µs", 1_000],
  ["ns", 1],
];

/**
 * Nanoseconds as the docker provider reads a duration back, since any other spelling would show as a change in the
 * next preview: as Go prints it (`time.Duration.String`: `1m30s`, `250ms`, `0s`) without zero parts at the end (the
 * provider's `shortDur`: `1m`, `1h`, not `1m0s`, `1h0m0s`).
 */
export function goDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return "0s";
  if (nanoseconds < 1_000_000_000) {
    const [unit, size] = UNITS.slice(3).find(([, unitSize]) => nanoseconds >= unitSize) ?? ["ns", 1];
    return `${trimmed(nanoseconds / size)}${unit}`;
  }
  const hours = Math.floor(nanoseconds / 3_600_000_000_000);
  const minutes = Math.floor((nanoseconds % 3_600_000_000_000) / 60_000_000_000);
  const seconds = trimmed((nanoseconds % 60_000_000_000) / 1_000_000_000);
  const whole = `${hours ? `${hours}h` : ""}${hours || minutes ? `${minutes}m` : ""}${seconds}s`;
  return whole.replace(/m0s$/, "m").replace(/h0m$/, "h");
}

function trimmed(value: number): string {
  return value.toFixed(9).replace(/\.?0+$/, "");
}
