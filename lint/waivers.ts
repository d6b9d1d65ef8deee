import { UserError, UserErrors } from "../lib/errors.ts";
import type { Finding, RuleInfo } from "./rule.ts";

/** A finding that a maintainer has looked at and accepts, written into the recipe's `ci.ts`. */
export interface Waiver {
  /** Id of the rule, e.g. `R002`. */
  rule: string;
  /** Only findings in this file. Default: all of the rule. */
  file?: string;
  /** Why it is accepted; shown wherever the finding is. */
  reason: string;
}

/** What was found, by which rule, and whether it is waived. */
export interface JudgedFinding extends Finding {
  rule: string;
  level: RuleInfo["level"];
  remedy: string;
  /** Reason of the waiver. */
  waived?: string;
  /** All places, where there are several of the kind; `file` and `line` are those of the first. */
  places?: Occurrence[];
}

/** One of several findings of a kind. */
export type Occurrence = Pick<Finding, "message" | "file" | "line">;

/** Shown like a rule; there is nothing in the recipe to check. */
export const unusedWaiver: RuleInfo = {
  id: "C026",
  level: "warning",
  title: "Every waiver matches a finding",
  why: "A waiver left behind hides the next finding of its rule.",
  remedy: "Remove it from the recipe's ci.ts, or correct its rule and file.",
};

/**
 * What every definition with waivers is asked before anything is done with it.
 * @param file the `ci.ts` they are written in
 * @throws UserErrors naming each waiver without a reason
 */
export function assertReasons(waivers: readonly Waiver[], file: string): void {
  const errors = waivers.flatMap(({ rule, reason }, index) => {
    // The types of a ci.ts are not checked when it is loaded.
    if (typeof reason === "string" && reason.trim()) return [];
    return new UserError(`the waiver of ${rule} gives no reason`, {
      place: { file, key: `waivers[${index}].reason` },
      remedy: "say why the finding is accepted",
    });
  });
  if (errors.length > 0) throw new UserErrors(errors);
}

/** Marks the findings that a waiver matches, and adds one for each waiver that matches none. */
export function applyWaivers(
  findings: readonly JudgedFinding[],
  waivers: readonly Waiver[],
  rules: readonly RuleInfo[],
): JudgedFinding[] {
  const judged = findings.map((finding) => ({
    ...finding,
    waived: waivers.find((waiver) => matches(waiver, finding))?.reason.trim(),
  }));
  const unused = waivers.filter((waiver) => !findings.some((finding) => matches(waiver, finding)));
  return [...judged, ...unused.map((waiver) => unusedFinding(waiver, rules))];
}

function matches(waiver: Waiver, finding: JudgedFinding): boolean {
  return waiver.rule === finding.rule && (waiver.file === undefined || waiver.file === finding.file);
}

function unusedFinding({ rule, file }: Waiver, rules: readonly RuleInfo[]): JudgedFinding {
  const { id, level, remedy } = unusedWaiver;
  const known = rules.some((one) => one.id === rule);
  const where = file ? ` in ${file}` : "";
  const message = known
    ? `the waiver of ${rule}${where} matches no finding`
    : `a waiver is for ${rule}, and there is no such rule`;
  return { rule: id, level, message, remedy };
}
