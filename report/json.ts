import type { RunResult } from "../lifecycle/result.ts";
import { jsonSafe } from "./evidence.ts";

/** Keys in the order a reader wants them; all others follow by alphabet. */
const KEY_ORDER = [
  ["schema", "run", "recipe", "verdict", "reason", "startedAt"],
  ["kind", "id", "name", "title", "status", "owner", "startMs", "durationMs", "containerMs"],
  ["source", "location", "version", "commit", "base", "head", "images"],
  ["changes", "area"],
  ["domain", "namespace", "deployments", "role", "from"],
  ["node", "engineVersion", "apiVersion", "place", "capabilities"],
  ["phases", "summary", "error", "evidence", "checks"],
  ["adaptations", "subject", "change", "standIns", "image", "builtFrom"],
  ["lint", "counts", "errors", "rule", "level", "file", "line", "message", "remedy"],
  [
    "warnings",
    "waived",
    "ledger",
    "before",
    "after",
    "diff",
    "note",
    "severity",
    "replaces",
    "left",
    "lost",
    "notJudged",
    "diagnostics",
    "tail",
  ],
].flat();
const RANKS = new Map(KEY_ORDER.map((key, rank) => [key, rank]));

/**
 * `result.json`: the whole result, two spaces deep, the same input always the same bytes whatever order its
 * keys were made in. Described by `report/schema.json` and `docs/result.md`.
 */
export function renderJson(result: RunResult): string {
  return `${JSON.stringify(inOrder(jsonSafe(result)), undefined, 2)}\n`;
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, inOrder(item)]));
}

function rankOf(key: string): number {
  return RANKS.get(key) ?? KEY_ORDER.length;
}
