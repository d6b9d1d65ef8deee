import { plural } from "../lib/plural.ts";
import type { LintReport } from "../lint/lint.ts";

/** `1 error, 3 warnings, 0 waived`. */
export function countFindings({ errors, warnings, waived }: LintReport["counts"]): string {
  return `${plural(errors, "error")}, ${plural(warnings, "warning")}, ${waived} waived`;
}
