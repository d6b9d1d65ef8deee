import { isAlias, isMap, isScalar, isSeq, type Pair, type YAMLMap } from "yaml";
import type { ComposeFile } from "./compose-file.ts";
import { lineAt } from "./text.ts";
import { isMerge } from "./yaml-merge.ts";

export interface Place {
  file: string;
  /** Counted from 1. */
  line: number;
}

/**
 * Where a path of keys, such as `services app image`, is written: in the file that has most of it, of several the
 * first. What is nowhere to be found is reported at the deepest of its parents.
 */
export function locate(files: readonly ComposeFile[], path: readonly string[]): Place {
  let best = { file: files[0]?.path ?? "compose.yml", line: 1, depth: -1 };
  for (const file of files) {
    const found = follow(file, path);
    if (found.depth > best.depth) best = { file: file.path, line: found.line, depth: found.depth };
  }
  return { file: best.file, line: best.line };
}

/** Goes down a path of keys as far as it is written; of the node itself only with `whole` all of it has to be. */
export function follow(file: ComposeFile, path: readonly string[], whole = false) {
  let node: unknown = file.document.contents;
  let written: unknown;
  let depth = 0;
  for (const step of path) {
    const target = resolved(file, node);
    if (isMap(target)) {
      const pair = pairOf(file, target, step);
      if (!pair) break;
      written = pair.key;
      node = pair.value;
    } else if (isSeq(target) && target.items[Number(step)] !== undefined) {
      node = target.items[Number(step)];
      written = node;
    } else break;
    depth++;
  }
  const found = whole && depth < path.length ? undefined : resolved(file, node);
  return { node: found, line: placeOf(file, written).line, depth };
}

/** A key of a mapping itself, or else of what `<<` merges into it: of several the first. */
function pairOf(file: ComposeFile, map: YAMLMap, name: string, seen = new Set<YAMLMap>()): Pair | undefined {
  const own = map.items.find(({ key }) => !isMerge(key) && scalarText(key) === name);
  if (own || seen.has(map)) return own;
  seen.add(map);
  const merged = map.items.filter(({ key }) => isMerge(key)).map(({ value }) => resolved(file, value));
  for (const source of merged.flatMap((node) => (isSeq(node) ? node.items : [node]))) {
    const target = resolved(file, source);
    const found = isMap(target) ? pairOf(file, target, name, seen) : undefined;
    if (found) return found;
  }
  return undefined;
}

/** The values of a mapping by their keys, and of what `<<` merges into it; its own come first. */
export function valuesOf(file: ComposeFile, map: YAMLMap, seen = new Set<YAMLMap>()): Map<string, unknown> {
  const values = new Map<string, unknown>();
  if (seen.has(map)) return values;
  seen.add(map);
  const add = (key: string, value: unknown) => values.has(key) || values.set(key, value);
  for (const { key, value } of map.items) if (!isMerge(key)) add(scalarText(key), resolved(file, value));
  for (const { key, value } of map.items) {
    if (!isMerge(key)) continue;
    const source = resolved(file, value);
    for (const one of isSeq(source) ? source.items : [source]) {
      const target = resolved(file, one);
      for (const [name, merged] of isMap(target) ? valuesOf(file, target, seen) : []) add(name, merged);
    }
  }
  return values;
}

function resolved(file: ComposeFile, node: unknown): unknown {
  return isAlias(node) ? node.resolve(file.document) : node;
}

/** Where a node of a file begins. */
export function placeOf(file: ComposeFile, node: unknown): Place {
  const offset = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? (node.range?.[0] ?? 0) : 0;
  return { file: file.path, line: lineAt(file.text, offset) };
}

/** The text of a node that is one. */
export function scalarText(node: unknown): string {
  return isScalar(node) ? String(node.value ?? "") : "";
}
