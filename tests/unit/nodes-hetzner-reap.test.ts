import { describe, expect, it } from "vitest";
import type { Labelled } from "../../nodes/hetzner/labelled.ts";
import { type Remains, whyDue } from "../../nodes/hetzner/reap.ts";

const NOW = new Date("2026-11-27T12:00:00Z");
const ago = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);

function remains(kinds: readonly string[], created: Date, expiresAt?: Date): Remains {
  const objects = kinds.map(
    (kind): Labelled => ({ kind, name: "one", labels: {}, created, path: "", protected: false }),
  );
  return { id: "1a2b3c4d", stack: "ci", expiresAt, objects };
}

describe("the reaper", () => {
  it.each([
    ["a node that works", remains(["servers", "networks"], ago(9999)), undefined],
    ["one whose time is over", remains(["servers"], ago(70), ago(1)), "its time was over on 2026-11-27T11:59:00Z"],
    ["one whose time is over this second", remains(["servers"], ago(70), NOW), expect.stringContaining("over")],
    ["one that has some time left", remains(["servers"], ago(70), ago(-1)), undefined],
    ["one that is being made", remains(["networks"], ago(59)), undefined],
    ["one that lost its server", remains(["primary_ips", "rrsets"], ago(60)), "it has no server"],
  ])("takes %s for what it is", (_which, node, why) => {
    expect(whyDue(node, { expired: false }, NOW)).toEqual(why);
  });

  it("asked for what is expired touches nothing else", () => {
    expect(whyDue(remains(["networks"], ago(9999)), { expired: true }, NOW)).toBeUndefined();
    expect(whyDue(remains(["servers"], ago(9999), ago(1)), { expired: true }, NOW)).toBeDefined();
  });

  it("asked for one node touches that one, and no other whose time is over", () => {
    expect(whyDue(remains(["servers"], ago(1)), { expired: false, id: "1a2b3c4d" }, NOW)).toBe("it was named");
    expect(whyDue(remains(["servers"], ago(9), ago(1)), { expired: true, id: "ffffffff" }, NOW)).toBeUndefined();
  });
});
