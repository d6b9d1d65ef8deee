import fc from "fast-check";
import { expect, test } from "vitest";
import { shareAddresses } from "../../lib/cidr.ts";

test.each([
  ["10.1.0.0/16", "10.1.0.0/16", true],
  ["10.1.0.0/16", "10.1.2.0/24", true],
  ["10.1.0.0/16", "10.2.0.0/16", false],
  ["10.1.2.128/25", "10.1.2.0/25", false],
  ["0.0.0.0/0", "192.0.2.1/32", true],
  ["fd00::/64", "fd00:0:0:0:1::/80", true],
  ["fd00::/64", "fd00:0:0:1::/64", false],
  ["fd00::/64", "10.1.0.0/16", false],
  ["10.1.2.3", "10.1.0.0/16", true],
  ["10.1.2.3", "10.1.2.4", false],
  ["fd00::1", "fd00::/64", true],
  ["10.1.2", "10.1.0.0/16", false],
  ["10.1.0.0/", "10.1.0.0/16", false],
  ["10.1.0.0/33", "10.1.0.0/16", false],
  ["$" + "{SUBNET}", "10.1.0.0/16", false],
])("%s and %s have an address in common: %s", (a, b, shared) => {
  expect([shareAddresses(a, b), shareAddresses(b, a)]).toEqual([shared, shared]);
});

test("two networks of version 4 have an address in common exactly when their ranges meet", () => {
  const network = fc.record({ address: fc.integer({ min: 0, max: 0xffff }), bits: fc.integer({ min: 16, max: 32 }) });
  const written = ({ address, bits }: { address: number; bits: number }) =>
    `10.9.${address >> 8}.${address & 255}/${bits}`;
  const range = ({ address, bits }: { address: number; bits: number }) => {
    const size = 2 ** (32 - bits);
    const first = address - (address % size);
    return { first, end: first + size };
  };
  fc.assert(
    fc.property(network, network, (one, other) => {
      const [a, b] = [range(one), range(other)];
      expect(shareAddresses(written(one), written(other))).toBe(a.first < b.end && b.first < a.end);
    }),
  );
});
