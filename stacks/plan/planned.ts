import type { CheckDefinition, CheckFunction } from "../../checks/check.ts";
import type { AppSpec } from "../../compose/app-spec.ts";
import type { Duration } from "../../lib/duration.ts";
import type { StackPhase } from "../phases.ts";

/** A check and the checks of the same phase that must hold before it makes sense to run. */
export interface PlannedCheck extends CheckDefinition {
  after: string[];
  /** It asks the backup helper, which the stack has wherever a check does. Default: it does not. */
  helper?: boolean;
  /** It needs the backup helper alone: it runs while the app still starts. Default: the whole stack must stand. */
  early?: boolean;
  /** It goes on beside the next phase, and only the one after that waits for it. Default: the next waits for it. */
  beside?: boolean;
  /** It begins by ending tasks of its app. What has ended by itself until then is told instead. Default: it ends none. */
  stops?: boolean;
  /** It is about the app that is restored on a new server. Default: about the app that the run began with. */
  elsewhere?: boolean;
  /** It is about another recipe, which this one needs: that one's name. Default: about the recipe under test. */
  dependency?: string;
  /** It has a provider issue a client for this recipe, which the stack keeps. Default: it issues none. */
  issues?: string;
  /** The services of those that need the dependency start only once it holds. Default: they are there already. */
  gate?: boolean;
}

/** A check that makes no sense for this recipe, and why. */
export interface LeftOut {
  name: string;
  title: string;
  reason: string;
}

/** One phase of a plan: what it asserts, or why it is left out. */
export interface PlannedPhase {
  name: StackPhase;
  /** What the recipe under test is in it, and so what its checks judge. */
  app: AppSpec;
  skip?: string;
  /** It begins with the phase before it, and the next one waits for both. Default: it waits for that. */
  alongside?: boolean;
  checks: PlannedCheck[];
  /** What is not proven, though the phase is gone through. Default: nothing. */
  leftOut?: LeftOut[];
}

/** A check as a plan has it. @param deadline for all of it; default: a check's own */
export function check(name: string, title: string, run: CheckFunction, deadline?: Duration): CheckDefinition {
  return { name, title, run, deadline };
}

/** A check that asks the backup helper. @param deadline as in {@link check} */
export function helperCheck(name: string, title: string, run: CheckFunction, deadline?: Duration): Link {
  return { ...check(name, title, run, deadline), helper: true };
}

/** A check whose place in its phase is not said yet. */
export type Link = Omit<PlannedCheck, "after">;

/** Each check after the one before it. */
export function chain(checks: Link[]): PlannedCheck[] {
  return checks.map((one, index) => ({ ...one, after: checks.slice(Math.max(0, index - 1), index).map(nameOf) }));
}

/** Checks, and after all of them some more, each after the one before it. */
export function followed(checks: PlannedCheck[], more: Link[]): PlannedCheck[] {
  const names = checks.map(nameOf);
  return [...checks, ...chain(more).map((one, index) => (index === 0 ? { ...one, after: names } : one))];
}

function nameOf({ name }: Link): string {
  return name;
}
