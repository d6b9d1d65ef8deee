import fc from "fast-check";
import { expect, test } from "vitest";
import { goDuration } from "../../components/render/duration.ts";

const UNITS: Record<string, bigint> = {
  ns: 1n,
  µs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** Reads what Go's `time.ParseDuration` takes, in whole numbers; throws for anything else. */
function parseGo(text: string): bigint {
  let rest = text;
  let sum = 0n;
  while (rest !== "") {
    const match = /^(\d+)(?:\.(\d{1,9}))?(ns|µs|ms|s|m|h)/.exec(rest);
    if (!match) throw new Error(`time: invalid duration "${text}"`);
    const [whole, number = "", fraction = "", unit = ""] = match;
    const size = UNITS[unit] ?? 0n;
    sum += BigInt(number) * size + (BigInt(fraction || "0") * size) / 10n ** BigInt(fraction.length);
    rest = rest.slice(whole.length);
  }
  return sum;
}

// As `time.Duration.String` prints them, zero parts at the end left out.
test.each([
  [0, "0s"],
  [1, "1ns"],
  [1_100, "1.1µs"],
  [2_200_000, "2.2ms"],
  [250_000_000, "250ms"],
  [999_999_999, "999.999999ms"],
  [1_000_000_000, "1s"],
  [1_500_000_000, "1.5s"],
  [59_999_999_999, "59.999999999s"],
  [60_000_000_000, "1m"],
  [60_000_000_001, "1m0.000000001s"],
  [90_000_000_000, "1m30s"],
  [303_300_000_000, "5m3.3s"],
  [3_600_000_000_000, "1h"],
  [3_610_000_000_000, "1h0m10s"],
  [360_000_000_000_000, "100h"],
])("%d ns is %s", (nanoseconds, text) => {
  expect(goDuration(nanoseconds)).toBe(text);
});

test("every duration reads back as itself, in Go's one spelling of it", () => {
  const day = 86_400_000_000_000;
  const any = fc.oneof(
    fc.integer({ min: 0, max: 2_000 }),
    fc.integer({ min: 0, max: 2_000_000_000 }),
    fc.integer({ min: 0, max: 31 * day }),
    fc.integer({ min: 0, max: 100_000 }).map((seconds) => seconds * 1_000_000_000),
  );
  fc.assert(
    fc.property(any, (nanoseconds) => {
      const text = goDuration(nanoseconds);
      expect(parseGo(text)).toBe(BigInt(nanoseconds));
      expect(text).toMatch(
        /^(?!.*(?:m0s|h0m)$)(?:\d+h|(?:\d+h)?[1-5]?\dm|(?:\d+h[1-5]?\dm|[1-5]?\dm)?[1-5]?\d(?:\.\d{0,8}[1-9])?s|\d{1,3}(?:\.\d{0,5}[1-9])?(?:ns|µs|ms))$/,
      );
    }),
    { numRuns: 1000 },
  );
});
