import type { LintContext } from "./context.ts";

/** `error`: abra, docker/cli or the Swarm refuses the recipe, or an operator loses something. */
export type Level = "error" | "warning";

/** What a rule found at one place. */
export interface Finding {
  message: string;
  /** Path within the recipe; left out for what is about the repository as a whole. */
  file?: string;
  /** Counted from 1. */
  line?: number;
  /** What to do here, where that is more than the rule's own remedy. */
  remedy?: string;
  /** Where it is another one than the rule's. */
  level?: Level;
  /**
   * What to say of several of the kind, after their number: `services have no health check`. Default: only findings
   * with the same message are of one kind.
   */
  kind?: string;
}

/** A rule as reports show it. */
export interface RuleInfo {
  /** `R…` is a rule of `abra recipe lint` under abra's own number, `C…` one of this project. */
  id: string;
  level: Level;
  /** What must hold, as a sentence without a full stop. */
  title: string;
  /** What goes wrong where it does not hold. */
  why: string;
  /** What to do. */
  remedy: string;
}

/** One thing that must hold in a recipe. To add one, write it into a file of `rules/` and name it in `all-rules.ts`. */
export interface Rule extends RuleInfo {
  /** What loading says of the same mistake: the rule's own finding is told in its place, and is an error. */
  claims?: RegExp;
  check(context: LintContext): Finding[] | Promise<Finding[]>;
}
