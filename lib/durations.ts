import { mkdirSync, readFileSync } from "node:fs";
import { home } from "./home.ts";
import { replaceFile } from "./replace-file.ts";

const FILE = "durations.json";

/** Most steps that are remembered; those that were not done for longest go first. */
const KEPT = 200;

/** Milliseconds that a step took when it was last done here; undefined when it never was. */
export function lastDuration(key: string): number | undefined {
  const value = readAll()[key];
  return typeof value === "number" && value > 0 ? value : undefined;
}

/** Keeps how long a step took, in the home. It is only an estimate for later: what can't be written is no error. */
export function rememberDuration(key: string, ms: number): void {
  const { [key]: _, ...others } = readAll();
  const entries = [...Object.entries(others), [key, Math.round(ms)]].slice(-KEPT);
  try {
    mkdirSync(home(), { recursive: true });
    replaceFile(home(FILE), `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
  } catch {
    // A full disk is told about by what needs it.
  }
}

function readAll(): Record<string, unknown> {
  try {
    const all: unknown = JSON.parse(readFileSync(home(FILE), "utf8"));
    return typeof all === "object" && all !== null ? (all as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
