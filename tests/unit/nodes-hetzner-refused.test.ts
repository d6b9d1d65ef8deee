import { describe, expect, it } from "vitest";
import { passes } from "../../nodes/hetzner/mishaps.ts";
import { noteRefused, refusedLately, refusedSince, saysNoRoom } from "../../nodes/hetzner/refused-offers.ts";
import { homeForEach } from "../fixtures/home-for-each.ts";

const ORDER = { serverType: "cx33", location: "nbg1" };
const MINUTE = 60_000;

homeForEach();

describe("an order that Hetzner refused", () => {
  it("is passed over for half an hour, and no other", async () => {
    await noteRefused(ORDER, 0);
    expect((await refusedLately(29 * MINUTE))(ORDER)).toBe(true);
    expect((await refusedLately(31 * MINUTE))(ORDER)).toBe(false);
    expect((await refusedLately(0))({ ...ORDER, location: "fsn1" })).toBe(false);
    expect((await refusedLately(0))({ ...ORDER, serverType: "cpx32" })).toBe(false);
  });

  it("is one of several, and known by its time", async () => {
    expect(await refusedSince(0)).toBe(false);
    await noteRefused(ORDER, 5);
    await noteRefused({ ...ORDER, location: "fsn1" }, 7);
    expect([await refusedSince(7), await refusedSince(8)]).toEqual([true, false]);
    expect((await refusedLately(8))(ORDER)).toBe(true);
  });
});

describe("what Hetzner says of a failure", () => {
  it.each([
    ["placement impossible (resource_unavailable, 58f1)", true],
    ["no hosts left (placement_error, 58f1)", true],
    ["server limit exceeded (resource_limit_exceeded, 58f1)", false],
    ["name is already used (uniqueness_error, 58f1)", false],
  ])("%s: another place may have room: %s", (error, noRoom) => {
    expect(saysNoRoom(error)).toBe(noRoom);
  });

  it.each([
    ["service is temporarily unavailable (unavailable, 58f1)", true],
    ["limit of requests per hour reached (rate_limit_exceeded, 58f1)", true],
    ["hcloud: server responded with status code 503", true],
    ["placement impossible (resource_unavailable, 58f1)", false],
    ["invalid input in field 'name' (invalid_input, 58f1)", false],
  ])("%s: it ends by itself: %s", (error, passing) => {
    expect(passes([error])).toBe(passing);
  });

  it("is taken for lasting after two minutes", () => {
    const error = "service is temporarily unavailable (unavailable, 58f1)";
    expect([passes(Array(40).fill(error)), passes(Array(41).fill(error))]).toEqual([true, false]);
  });
});
