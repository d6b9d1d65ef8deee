import { plural } from "../lib/plural.ts";
import type { LintReport } from "../lint/lint.ts";
import type { Occurrence } from "../lint/waivers.ts";

/** `1 error, 3 warnings, 0 waived`. */
export function countFindings({ errors, warnings, waived }: LintReport["counts"]): string {
  return `${plural(errors, "error")}, ${plural(warnings, "warning")}, ${waived} waived`;
}

/** `compose.yml:7`; undefined for what is about the repository as a whole. */
export function placeWords({ file, line }: Pick<Occurrence, "file" | "line">): string | undefined {
  return file === undefined || line === undefined ? file : `${file}:${line}`;
}
