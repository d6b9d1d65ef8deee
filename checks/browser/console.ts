import { contains } from "../../lib/contains.ts";
import { CheckFailure } from "../check-failure.ts";
import type { ConsoleAllowance, ConsoleLine } from "./use.ts";

const ERRORS: readonly string[] = ["error", "exception"];
/** Chromium looks for it of its own accord, also where no page names it. */
const OF_ITS_OWN_ACCORD = /status of 404 .*\(https:\/\/[^/]+\/favicon\.ico\)$/;
/** Most errors that are told. */
const TOLD = 5;

/** A line of a console, for a person. */
export function lineOf({ kind, text, url }: ConsoleLine): string {
  return `${kind}: ${text}${url ? ` (${url})` : ""}`;
}

/** Errors in consoles that nothing allows. */
export function unallowed(lines: readonly ConsoleLine[], allow: readonly ConsoleAllowance[] = []): ConsoleLine[] {
  const errors = lines.filter(({ kind }) => ERRORS.includes(kind));
  const counted = errors
    .map((line) => ({ line, said: lineOf(line) }))
    .filter(({ said }) => !OF_ITS_OWN_ACCORD.test(said));
  return counted.filter(({ said }) => !allow.some(({ error }) => contains(said, error))).map(({ line }) => line);
}

/** @throws CheckFailure for errors in consoles that nothing allows: a person sees a page that only seems to work */
export function assertQuiet(lines: readonly ConsoleLine[], allow?: readonly ConsoleAllowance[]): void {
  const wrong = [...new Set(unallowed(lines, allow).map(lineOf))];
  if (wrong.length === 0) return;
  const more = wrong.length > TOLD ? [`and ${wrong.length - TOLD} more`] : [];
  const said = [...wrong.slice(0, TOLD), ...more].join("\n");
  throw new CheckFailure(`errors in the browser's console, which browser.allow of ci.ts does not allow:\n${said}`);
}
