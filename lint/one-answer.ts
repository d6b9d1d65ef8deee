import type { Rule } from "./rule.ts";
import type { JudgedFinding } from "./waivers.ts";

/** The rule that passes on what loading refuses. */
const LOADING = "C002";

/**
 * What loading refuses and a rule knows better is told once, by the rule, and is an error: `render`, `plan` and `run`
 * stop at it. A rule claims what is at the place of an error of its own, and what it says it does.
 */
export function oneAnswer(findings: readonly JudgedFinding[], rules: readonly Rule[]): JudgedFinding[] {
  const own = findings.filter(({ rule }) => rule !== LOADING);
  const raised = new Set<JudgedFinding>();
  const left = findings.filter((refused) => {
    if (refused.rule !== LOADING) return false;
    const claiming = claimants(refused, own, rules);
    for (const finding of claiming) raised.add(finding);
    return claiming.length === 0;
  });
  return [...own.map((one) => (raised.has(one) ? { ...one, level: "error" as const } : one)), ...left];
}

function claimants(refused: JudgedFinding, own: readonly JudgedFinding[], rules: readonly Rule[]): JudgedFinding[] {
  const named = new Set(rules.filter(({ claims }) => claims?.test(refused.message)).map(({ id }) => id));
  const meant = own.filter(({ rule }) => named.has(rule));
  const there = meant.filter((one) => isSamePlace(one, refused));
  if (there.length > 0) return there;
  const errors = own.filter((one) => one.level === "error" && isSamePlace(one, refused));
  return errors.length > 0 ? errors : meant.filter(({ file }) => file === undefined || file === refused.file);
}

function isSamePlace(left: JudgedFinding, right: JudgedFinding): boolean {
  return left.file !== undefined && left.file === right.file && left.line === right.line;
}
