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
  ["10.1.0.0", "10.1.0.0/16", false],
  ["10.1.0.0/33", "10.1.0.0/16", false],
  ["$" + "{SUBNET}", "10.1.0.0/16", false],
])("%s and %s have an address in common: %s", (a, b, shared) => {
  expect([shareAddresses(a, b), shareAddresses(b, a)]).toEqual([shared, shared]);
});
