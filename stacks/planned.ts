import type { CheckDefinition } from "../checks/check.ts";
import type { StackPhase } from "./phases.ts";

/** A check and the checks of the same phase that must hold before it makes sense to run. */
export interface PlannedCheck extends CheckDefinition {
  after: string[];
  /** It needs the backup helper alone: it runs while the app still starts. Default: the whole stack must stand. */
  early?: boolean;
}

/** One phase of a plan: what it asserts, or why it is left out. */
export interface PlannedPhase {
  name: StackPhase;
  skip?: string;
  checks: PlannedCheck[];
}
