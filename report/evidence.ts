import { abridge, plainText } from "../lib/plain-text.ts";

/** One named thing a check saw, as text. */
export interface EvidenceItem {
  name: string;
  text: string;
  /** Long or of several lines: shown as a block of its own. */
  block: boolean;
}

const BLOCK_LENGTH = 96;
const TEXT_LIMIT = 32_000;

/** A check's evidence as text for people, sorted as the check gave it. Texts are bounded to 32,000 characters. */
export function evidenceItems(evidence: Record<string, unknown> | undefined): EvidenceItem[] {
  return Object.entries(evidence ?? {}).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const text = abridge(plainText(textOf(value)), TEXT_LIMIT);
    return [{ name: plainText(name), text, block: text.includes("\n") || text.length > BLOCK_LENGTH }];
  });
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((item) => typeof item === "string" || typeof item === "number"))
    return value.join(value.some((item) => String(item).length > 40) ? "\n" : ", ");
  return JSON.stringify(jsonSafe(value), undefined, 2);
}

/**
 * The value as JSON can hold it. Checks may give anything, and a report must not fail over it: errors become
 * their message, big integers and functions text, a cycle the word `[circular]`.
 */
export function jsonSafe(value: unknown, ancestors: readonly object[] = []): unknown {
  if (typeof value === "bigint" || typeof value === "function" || typeof value === "symbol") return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (ancestors.includes(value)) return "[circular]";
  if (value instanceof Error) return value.message;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "invalid date" : value.toISOString();
  const path = [...ancestors, value];
  if (Array.isArray(value)) return value.map((item) => jsonSafe(item, path));
  if (value instanceof Map || value instanceof Set) return jsonSafe([...value], path);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, jsonSafe(item, path)]));
}
