import { describe, expect, it } from "vitest";
import { stepRefusal } from "../../stacks/phase-step.ts";
import { STACK_PHASES, type StackPhase } from "../../stacks/phases.ts";

const without = (...skipped: StackPhase[]) => STACK_PHASES.filter((phase) => !skipped.includes(phase));

describe("a stack goes", () => {
  it.each(STACK_PHASES.map((phase, index) => [STACK_PHASES[index - 1], phase] as const))(
    "from %s to %s",
    (from, to) => {
      expect(stepRefusal(from, to, STACK_PHASES)).toBeUndefined();
    },
  );

  it.each(STACK_PHASES)("and stays at %s", (phase) => {
    expect(stepRefusal(phase, phase, STACK_PHASES)).toBeUndefined();
  });

  it("forward over several phases at once, which are done in their order", () => {
    expect(stepRefusal("install", "custom", STACK_PHASES)).toBeUndefined();
    expect(stepRefusal("upgrade", "restore", STACK_PHASES)).toBeUndefined();
  });

  it.each(STACK_PHASES)("to %s at once where nothing is upgraded", (to) => {
    expect(stepRefusal(undefined, to, without("upgrade"))).toBeUndefined();
  });

  it("back over phases that are left out", () => {
    expect(stepRefusal("restore", "upgrade", without("backup", "restore"))).toBeUndefined();
  });
});

describe("a step is refused, with what to do,", () => {
  it.each(["upgrade", "backup", "restore", "custom"] as const)("that begins a new stack at %s", (to) => {
    expect(stepRefusal(undefined, to, STACK_PHASES)).toBe(
      `the stack is new, and an upgrade starts from an app that runs: set phase install and up, then ${to}`,
    );
  });

  it("that goes back", () => {
    expect(stepRefusal("custom", "install", STACK_PHASES)).toBe(
      "the stack is at phase custom and can't go back to install: destroy it, and start anew with install",
    );
    expect(stepRefusal("upgrade", "install", STACK_PHASES)).toContain("can't go back");
    expect(stepRefusal("restore", "backup", without("upgrade"))).toContain("can't go back");
  });
});
