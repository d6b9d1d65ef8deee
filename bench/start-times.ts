/** When a container was seen to do what, in milliseconds of one clock. */
export interface Life {
  service: string;
  made?: number;
  started?: number;
  /** Undefined where its image has no health check. */
  healthy?: number;
}

/**
 * What containers took from being made until they were healthy; until they were started, where nothing more is known of
 * any container of their service. What ended before that is left out.
 *
 * @returns sum: one after the other; union: the time in which any of them was on its way
 */
export function startTimes(lives: readonly Life[]): { count: number; sumMs: number; unionMs: number } {
  const checked = new Set(lives.filter(({ healthy }) => healthy !== undefined).map(({ service }) => service));
  const spans = lives
    .map(({ service, made, started, healthy }) => ({ from: made, to: checked.has(service) ? healthy : started }))
    .filter((span): span is { from: number; to: number } => span.from !== undefined && span.to !== undefined)
    .sort((a, b) => a.from - b.from);
  let [unionMs, until] = [0, Number.NEGATIVE_INFINITY];
  for (const { from, to } of spans) {
    unionMs += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return { count: spans.length, sumMs: spans.reduce((sum, { from, to }) => sum + to - from, 0), unionMs };
}
