/** The phases a stack goes through by `up`, in order. The stack at a phase holds everything up to it. */
export const STACK_PHASES = ["install", "upgrade", "backup", "restore", "move", "custom"] as const;
export type StackPhase = (typeof STACK_PHASES)[number];

/** Whether a stack at `phase` holds what `wanted` adds. */
export function reached(phase: StackPhase, wanted: StackPhase): boolean {
  return STACK_PHASES.indexOf(phase) >= STACK_PHASES.indexOf(wanted);
}
