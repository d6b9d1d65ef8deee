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
/**
 * What older READMEs write: ❶💚 is the best, ❹💣 the worst, as in the recipes' first template. The digit alone says
 * nothing, since in the legend of today 1 is the worst; the mark behind it does, as a score of today.
 */
const MARKS = { "💚": 4, "💛": 3, "🍎": 2, "💣": 1 } as const;

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
  const marks = Object.entries(MARKS).filter(([mark]) => text.includes(mark));
  if (marks.length > 0) return marks.length === 1 ? marks[0]?.[1] : undefined;
  const found = /(?:^|[\s,])([0-5])(?=$|[\s,]|\D)/.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** Whether a value is of the old legend, which has no score above 4. */
export function isOldLegend(value: MetadataValue | undefined): boolean {
  return Object.keys(MARKS).some((mark) => value?.text.includes(mark));
}

/** `Yes` and scores above 0 are true, `No` and 0 false, anything else (`N/A`, nothing) undefined. */
export function yesOrNo(value: MetadataValue | undefined): boolean | undefined {
  if (/^(yes|✅)/i.test(value?.text ?? "")) return true;
  if (/^(no\b(?!t)|none|❌)/i.test(value?.text ?? "")) return false;
  const score = scoreOf(value);
  if (!isOldLegend(value) || score === undefined) return score === undefined ? undefined : score > 0;
  // Between good and broken is what nobody can tell.
  return score === 2 ? undefined : score > 2;
}

/** Whether a value of `Image` says that upstream itself publishes the image. */
export function saysUpstream(value: MetadataValue | undefined): boolean | undefined {
  const text = value?.text ?? "";
  if (/\b(3rd|third)[- ]party\b|\bunofficial\b|\bcustom\b/i.test(text)) return false;
  if (/\b(upstream|official)\b/i.test(text)) return true;
  const score = scoreOf(value);
  if (score === undefined || (score === 3 && isOldLegend(value))) return undefined;
  return score >= 3;
}
