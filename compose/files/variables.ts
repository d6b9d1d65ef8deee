import { type Document, isAlias, isMap, isPair, isScalar, isSeq, type LineCounter, visit } from "yaml";
import { isMerge } from "./yaml-merge.ts";

/** A variable that a string in a compose file takes from the app's env. */
export interface VariableUse {
  name: string;
  line: number;
  /** The keys that lead to the string: `services.app.ports.0`. Undefined for a string out of a file. */
  key?: string;
  /** The keys at which YAML aliases put the same string. Undefined for a string out of a file. */
  aliases?: readonly string[];
  /** It says itself what holds when the variable is missing: `:-`, `-`. */
  hasDefault: boolean;
  /** `${X:?why}` or `${X?why}`: must be there. */
  required?: string;
  /** `${X:?why}`: nor may it be empty. */
  notEmpty?: true;
}

/** docker/cli's own pattern (cli/compose/template): escape, `$NAME` or `${NAME…}` up to the first `}`. */
const PATTERN = /\$(?:(\$)|([_a-z][_a-z0-9]*)|\{([_a-z][_a-z0-9]*)(?:(:?[-?])([^}]*))?\})/gi;

/** Every use of a variable in the values (not the keys) of a compose file; docker/cli expands nothing else. */
export function variableUses(document: Document, lines: LineCounter): VariableUse[] {
  const uses: VariableUse[] = [];
  const places = new AliasPlaces();
  visit(document, {
    Node: (key, node, path) => {
      const parent = path.at(-1);
      if (key === "key" && isPair(parent)) return;
      if (isAlias(node)) return places.addAlias(node.source, keyOf([...path, node]), mergedInto(path));
      if (node.anchor) places.addAnchor(node.anchor, keyOf([...path, node]));
      if (!isScalar(node) || typeof node.value !== "string") return;
      const start = node.range ? lines.linePos(node.range[0]).line : 1;
      const found = usesIn(node.value, node.type?.startsWith("BLOCK") ? start + 1 : start);
      if (found.length === 0) return;
      const here = keyOf([...path, node]);
      uses.push(...found.map((use) => ({ ...use, key: here, aliases: places.addText(here) })));
    },
  });
  return uses;
}

/** A text, and where it stands: at its own keys, and at those of each alias by which it is used. */
interface Standing {
  key: string;
  aliases: string[];
}

/**
 * Where aliases put the texts of anchors, gathered in the order of the document: what an anchor stands for is whole
 * when an alias names it. Their number is bounded by that of the nodes of a file, aliases followed.
 */
class AliasPlaces {
  private readonly texts: Standing[] = [];
  private readonly anchors = new Map<string, { key: string; from: number }>();

  /** The keys by which aliases use the text: a list that grows. */
  addText(key: string): string[] {
    const aliases: string[] = [];
    this.texts.push({ key, aliases });
    return aliases;
  }

  addAnchor(anchor: string, key: string): void {
    this.anchors.set(anchor, { key, from: this.texts.length });
  }

  /** @param own the keys that a mapping has itself, where `<<` merges the anchor into it */
  addAlias(anchor: string, at: string, own: ReadonlySet<string> | undefined): void {
    const { key = "", from = this.texts.length } = this.anchors.get(anchor) ?? {};
    const until = this.texts.length;
    for (let index = from; index < until; index++) {
      const text = this.texts[index];
      if (!text || !(text.key === key || text.key.startsWith(`${key}.`))) return;
      const rest = text.key.slice(key.length);
      if (own?.has(rest.split(".")[1] ?? "")) continue;
      text.aliases.push(`${at}${rest}`);
      this.texts.push({ key: `${at}${rest}`, aliases: text.aliases });
    }
  }
}

/** The keys beside a `<<` that an alias is the value of, or in the list of; undefined elsewhere. */
function mergedInto(path: readonly unknown[]): ReadonlySet<string> | undefined {
  const at = path.findLastIndex((node) => isPair(node));
  const [map, pair] = [path[at - 1], path[at]];
  if (!isMap(map) || !isPair(pair) || !isMerge(pair.key)) return undefined;
  return new Set(map.items.flatMap(({ key }) => (isScalar(key) && !isMerge(key) ? [String(key.value)] : [])));
}

/** The keys and places in lists on the way to a node, as docker/cli writes them. */
function keyOf(path: readonly unknown[]): string {
  const steps = path.flatMap((node, index) => {
    if (isPair(node)) return isMerge(node.key) ? [] : [isScalar(node.key) ? String(node.key.value) : ""];
    const before = path[index - 1];
    // Of a list of mappings that `<<` merges no key tells.
    if (!isSeq(node) || (isPair(before) && isMerge(before.key))) return [];
    return [String(node.items.indexOf(path[index + 1]))];
  });
  return steps.join(".");
}

/** Uses in one string that begins at `line`. */
export function usesIn(text: string, line = 1): VariableUse[] {
  const uses: VariableUse[] = [];
  let current = line;
  let counted = 0;
  for (const match of text.matchAll(PATTERN)) {
    const [, escaped, plain, braced, operator, rest] = match;
    const name = plain ?? braced;
    if (escaped || name === undefined) continue;
    current += text.slice(counted, match.index).split("\n").length - 1;
    counted = match.index;
    uses.push({
      name,
      line: current,
      hasDefault: operator?.endsWith("-") ?? false,
      ...(operator?.endsWith("?") ? { required: rest || "is required" } : {}),
      ...(operator === ":?" ? { notEmpty: true } : {}),
    });
  }
  return uses;
}

/** A text with its variables put in, as docker/cli does it; what is missing is empty. */
export function interpolate(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(PATTERN, (match, escaped, plain, braced, operator, rest = "") => {
    if (escaped) return "$";
    const name = plain ?? braced;
    if (name === undefined) return match;
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    if (operator === ":-") return value || rest;
    return value ?? (operator === "-" ? rest : "");
  });
}
