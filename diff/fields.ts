import { spokenMode } from "../lib/swarm/spoken-mode.ts";
import { masked } from "../masking/mask.ts";
import type { Change, ChangeArea, ChangeSeverity } from "./change.ts";
import { spokenArguments, spokenBytes, spokenCpus, spokenDuration } from "./speak.ts";

/** One value of a spec: `same` is compared, `text` is shown, and made only then. */
export interface Field {
  readonly same: string;
  readonly text: string;
}

/** The values of a spec by path, e.g. `limits.memoryBytes`. */
export type Fields = Map<string, Field>;

const TEXT_LIMIT = 2000;
const DURATION = /^(interval|timeout|startPeriod|startInterval|delay|window|monitor|stopGracePeriod)$/;

/**
 * Every value of plain data by its path. A list of plain values is one value; what is undefined is absent, as it is
 * in JSON. Values that look secret are hidden by the last part of their path.
 *
 * @param name what all paths begin with. Default: nothing
 */
export function fieldsOf(value: unknown, name = ""): Fields {
  const found: Fields = new Map();
  collect(found, value, name, name);
  return found;
}

function collect(found: Fields, value: unknown, at: string, name: string): void {
  const below = (key: string) => (at === "" ? key : `${at}.${key}`);
  if (value === undefined) return;
  if (typeof value !== "object" || value === null) found.set(at, field(name, value));
  else if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== "object")) found.set(at, listField(name, value));
    else for (const [index, item] of value.entries()) collect(found, item, below(`${index + 1}`), `${index + 1}`);
  } else {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    if (entries.length === 0) found.set(at, { same: "{}", text: "(nothing set)" });
    for (const [key, item] of entries) collect(found, item, below(key), key);
  }
}

/** One value under the name that says what it is. */
export function field(name: string, value: unknown): Field {
  return shownAs(name, value, () => spoken(name, value));
}

function listField(name: string, values: readonly unknown[]): Field {
  return shownAs(name, values, () => spokenArguments(values.map(String)) || "(none)");
}

function shownAs(name: string, value: unknown, text: () => string): Field {
  return {
    same: JSON.stringify(value),
    get text() {
      return shortened(masked(name, text()));
    },
  };
}

function spoken(name: string, value: unknown): string {
  if (value === null) return "(no value)";
  if (typeof value !== "number") return String(value);
  if (DURATION.test(name)) return spokenDuration(value);
  if (name.endsWith("Bytes")) return spokenBytes(value);
  if (name === "nanoCpus") return spokenCpus(value);
  return name === "mode" ? spokenMode(value) : String(value);
}

/** Bounds what a recipe can put into a report. */
export function shortened(text: string): string {
  return text.length <= TEXT_LIMIT ? text : `${text.slice(0, TEXT_LIMIT)}... (${text.length} characters)`;
}

/** How a difference between fields is told. */
export interface Telling {
  area: ChangeArea;
  /** Put before the path of the field. */
  subject: string;
  /** Severity and note of one change. Default: info, without a note. */
  remark?: (change: Change, path: string) => Remark;
}

/** What a change means. */
export interface Remark {
  severity?: ChangeSeverity;
  note?: string;
  replaces?: string;
}

/** A change for every field that differs, comes or goes. */
export function compareFields(base: Fields, head: Fields, telling: Telling): Change[] {
  const paths = [...new Set([...base.keys(), ...head.keys()])];
  return paths.flatMap((path) => {
    const [before, after] = [base.get(path), head.get(path)];
    if (before?.same === after?.same) return [];
    const change: Change = {
      area: telling.area,
      subject: [telling.subject, path].filter(Boolean).join(" "),
      kind: before === undefined ? "added" : after === undefined ? "removed" : "changed",
      ...(before && { before: before.text }),
      ...(after && { after: after.text }),
      severity: "info",
    };
    return [{ ...change, ...telling.remark?.(change, path) }];
  });
}

/** Items by a key that tells them apart; a second one of the same key gets a number. */
export function byIdentity<T>(items: readonly T[], identity: (item: T) => string): Map<string, T> {
  const found = new Map<string, T>();
  for (const item of items) {
    const name = identity(item);
    let free = name;
    for (let count = 2; found.has(free); count++) free = `${name} (${count})`;
    found.set(free, item);
  }
  return found;
}
