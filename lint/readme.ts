/** Keys of a recipe README's metadata block (docs.coopcloud.tech/recipes). */
export const METADATA_KEYS = [
  "Category",
  "Status",
  "Image",
  "Healthcheck",
  "Backups",
  "Email",
  "Tests",
  "SSO",
] as const;
export type MetadataKey = (typeof METADATA_KEYS)[number];

export interface MetadataValue {
  /** As written; empty where nothing was filled in. */
  text: string;
  /** Counted from 1. */
  line: number;
}

export interface Readme {
  /** Line of `<!-- metadata -->`; undefined where the README has no such block, or there is no README. */
  line?: number;
  values: Partial<Record<MetadataKey, MetadataValue>>;
}

const LINE = /^\s*[-*]\s+\*\*([A-Za-z]+)\*\*\s*:(.*)$/;
/** What older READMEs write instead of digits. */
const CIRCLED = "⓿❶❷❸❹❺";

/** Reads the block between `<!-- metadata -->` and `<!-- endmetadata -->`. */
export function readReadme(text: string): Readme {
  const lines = text.split(/\r?\n/);
  const start = lines.findIndex((line) => /<!--\s*metadata\s*-->/i.test(line));
  if (start < 0) return { values: {} };
  const values: Readme["values"] = {};
  for (const [offset, line] of lines.slice(start).entries()) {
    if (/<!--\s*endmetadata\s*-->/i.test(line)) break;
    const [, name = "", value = ""] = LINE.exec(line) ?? [];
    const key = METADATA_KEYS.find((known) => known.toLowerCase() === name.toLowerCase());
    if (key) values[key] = { text: value.trim(), line: start + offset + 1 };
  }
  return { line: start + 1, values };
}

/** Whether a person has written something there. */
export function isFilledIn(value: MetadataValue | undefined): boolean {
  return value !== undefined && !/^(todo|tbd|\?+|-|\.\.\.)?$/i.test(value.text);
}

/** The score a value begins with or, as in `Image`, has after its link: 0 to 5. */
export function scoreOf(value: MetadataValue | undefined): number | undefined {
  const text = (value?.text ?? "").replace(/\[[^\]]*\](\([^)]*\))?/g, "");
  const plain = text.replace(/[⓿❶❷❸❹❺]/g, (digit) => String(CIRCLED.indexOf(digit)));
  const found = /(?:^|[\s,])([0-5])(?=$|[\s,]|\D)/.exec(plain)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** `Yes` and scores above 0 are true, `No` and 0 false, anything else (`N/A`, nothing) undefined. */
export function yesOrNo(value: MetadataValue | undefined): boolean | undefined {
  if (/^(yes|✅)/i.test(value?.text ?? "")) return true;
  if (/^(no\b(?!t)|none|❌)/i.test(value?.text ?? "")) return false;
  const score = scoreOf(value);
  return score === undefined ? undefined : score > 0;
}
