import type { CheckResult } from "../lifecycle/result.ts";

/** What a check says of itself: what it saw, why it failed, or why it was not asked. May have several lines. */
export function saidBy(check: CheckResult): string | undefined {
  if (check.status === "passed") return check.summary;
  return check.status === "failed" ? check.error : check.reason;
}
