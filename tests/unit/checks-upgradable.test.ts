import { expect, test } from "vitest";
import { upgradable } from "../../checks/upgradable.ts";
import type { Change } from "../../diff/change.ts";

const env: Change = { area: "env", subject: "app TITLE", kind: "added", after: "", severity: "info" };
const secret: Change = { area: "secret", subject: "api", kind: "added", severity: "warning", note: "make it first" };
const config: Change = {
  area: "config",
  subject: "conf",
  kind: "changed",
  severity: "error",
  note: "raise CONF_VERSION in abra.sh.",
  diff: "@@ -1,1 +1,1 @@\n-a\n+b",
};
const mode: Change = {
  area: "setting",
  subject: "app mode.kind",
  kind: "changed",
  before: "replicated",
  after: "global",
  severity: "error",
  note: "Swarm refuses it.",
};

test("changes that Swarm takes hold, and those operators must know of are counted", () => {
  expect(upgradable([])).toEqual({ summary: "0 changes, 0 for operators to know" });
  expect(upgradable([env, secret])).toEqual({ summary: "2 changes, 1 for operators to know" });
});

test("what only a service of base stands against is none where base is undeployed first", () => {
  const held: Change = { ...mode, replaces: "app" };
  expect(() => upgradable([held])).toThrow("Swarm refuses it");
  expect(upgradable([held], true)).toEqual({ summary: "1 change, 0 for operators to know" });
  expect(() => upgradable([held, config], true)).toThrow(/^config conf: raise CONF_VERSION in abra\.sh\.$/);
});

test("every change that Swarm refuses is named with its remedy, and shown", () => {
  expect(() => upgradable([env, config, mode])).toThrow(
    expect.objectContaining({
      message: "config conf: raise CONF_VERSION in abra.sh.\nsetting app mode.kind: Swarm refuses it.",
      owner: "recipe",
      details: { conf: config.diff, "app mode.kind": { before: "replicated", after: "global" } },
    }),
  );
});
