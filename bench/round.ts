/** One install and one destroy. Milliseconds. */
export interface Round {
  installMs: number;
  destroyMs: number;
  /** What the containers themselves took, from task to healthy, where it was measured. */
  containerMs?: number;
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** `4.1 s (3.9 to 4.6)`. */
export function spread(values: number[]): string {
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  return `${seconds(median(values))} s (${seconds(Math.min(...values))} to ${seconds(Math.max(...values))})`;
}
