import { describe, expect, it } from "vitest";
import { costLine, costOf, costOfRun } from "../../nodes/hetzner/cost.ts";
import { PRICE_TABLE } from "../../nodes/hetzner/prices.ts";

const ORDER = { serverType: "cx33", location: "nbg1" };
const NODE = { orders: [ORDER], volumeGB: undefined };

describe("what a node at Hetzner costs", () => {
  it("is its server and its address", () => {
    const { hour, month } = costOf(NODE, PRICE_TABLE);
    expect(hour).toBeCloseTo(0.0104 + 0.0008);
    expect(month).toBeCloseTo(6.49 + 0.5);
  });

  it("is that of each worker as well, and of the volume that each has", () => {
    const { parts, month } = costOf({ orders: [ORDER, ORDER, ORDER], volumeGB: 100 }, PRICE_TABLE);
    expect(parts.map(({ what, count }) => [what, count])).toEqual([
      ["server cx33 in nbg1", 3],
      ["IPv4 address", 3],
      ["volume of 100 GB", 3],
    ]);
    expect(month).toBeCloseTo(3 * (6.49 + 0.5 + 5.72));
  });

  it("tells servers of two kinds apart", () => {
    const { parts } = costOf({ ...NODE, orders: [ORDER, { ...ORDER, serverType: "cx43" }, ORDER] }, PRICE_TABLE);
    expect(parts.map(({ what, count }) => [what, count])).toEqual([
      ["server cx33 in nbg1", 2],
      ["server cx43 in nbg1", 1],
      ["IPv4 address", 3],
    ]);
  });

  it("is refused where it is not known, with what to do", () => {
    expect(() => costOf({ ...NODE, orders: [{ ...ORDER, location: "ash" }] }, PRICE_TABLE)).toThrow(
      /price of cx33 in ash is not known/,
    );
  });

  it("is said in a line, and shared by the runs of its time", () => {
    const cost = costOf(NODE, PRICE_TABLE);
    expect(costLine(cost)).toBe("0.0112 EUR an hour, at most 6.99 a month, without tax");
    expect(costOfRun({ hour: 0.6 }, 60_000, 1)).toBeCloseTo(0.01);
    expect(costOfRun({ hour: 0.6 }, 60_000, 4)).toBeCloseTo(0.0025);
  });
});
