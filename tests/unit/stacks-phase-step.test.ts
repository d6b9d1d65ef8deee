import { describe, expect, it } from "vitest";
import { stepRefusal } from "../../stacks/phase-step.ts";
import { STACK_PHASES, type StackPhase } from "../../stacks/phases.ts";

const without = (...skipped: StackPhase[]) => STACK_PHASES.filter((phase) => !skipped.includes(phase));

describe("a stack goes from phase to phase", () => {
  it.each(STACK_PHASES.map((phase, index) => [STACK_PHASES[index - 1], phase] as const))(
    "from %s to %s",
    (from, to) => {
      expect(stepRefusal(from, to, STACK_PHASES)).toBeUndefined();
    },
  );

  it.each(STACK_PHASES)("and stays at %s", (phase) => {
    expect(stepRefusal(phase, phase, STACK_PHASES)).toBeUndefined();
  });

  it("over phases that are left out", () => {
    expect(stepRefusal("install", "backup", without("upgrade"))).toBeUndefined();
    expect(stepRefusal("upgrade", "custom", without("backup", "restore"))).toBeUndefined();
    expect(stepRefusal("restore", "upgrade", without("backup", "restore"))).toBeUndefined();
  });
});

describe("a step is refused, with what to do,", () => {
  it.each(["upgrade", "backup", "restore", "custom"] as const)("that begins a new stack at %s", (to) => {
    expect(stepRefusal(undefined, to, STACK_PHASES)).toBe(
      `the stack is new, and install comes before ${to}: set phase install and up, then go on from there`,
    );
  });

  it("that leaves a phase out: the next one is named", () => {
    expect(stepRefusal("install", "restore", STACK_PHASES)).toContain("upgrade comes before restore");
    expect(stepRefusal("install", "restore", without("upgrade"))).toContain("backup comes before restore");
    expect(stepRefusal("upgrade", "custom", STACK_PHASES)).toContain("backup comes before custom");
  });

  it("that goes back", () => {
    expect(stepRefusal("custom", "install", STACK_PHASES)).toBe(
      "the stack is at phase custom and can't go back to install: destroy it, and start anew with install",
    );
    expect(stepRefusal("upgrade", "install", STACK_PHASES)).toContain("can't go back");
  });
});
