import { isAlias, isMap, isScalar, isSeq } from "yaml";
import { asRecord, type ComposeFile } from "../compose/compose-files.ts";

/** A compose file together with its text, so that lines can be counted. */
export interface ComposeSource extends ComposeFile {
  text: string;
}

export interface Place {
  file: string;
  /** Counted from 1. */
  line: number;
}

/** A label as it is written, `key=value` even where the file has a mapping. */
export interface WrittenLabel extends Place {
  text: string;
}

/**
 * Where a path of keys, such as `services app image`, is written: in the file that has most of it, of several the
 * first. What is nowhere to be found is reported at the deepest of its parents.
 */
export function locate(files: readonly ComposeSource[], path: readonly string[]): Place {
  let best = { file: files[0]?.path ?? "compose.yml", line: 1, depth: -1 };
  for (const file of files) {
    const found = follow(file, path);
    if (found.depth > best.depth) best = { file: file.path, line: found.line, depth: found.depth };
  }
  return { file: best.file, line: best.line };
}

/** The `deploy.labels` of a service in every file, in list or mapping form. */
export function writtenLabels(files: readonly ComposeSource[], service: string): WrittenLabel[] {
  return files.flatMap((file) => {
    const { node } = follow(file, ["services", service, "deploy", "labels"], true);
    if (isSeq(node)) return node.items.map((item) => ({ ...placeOf(file, item), text: scalarText(item) }));
    if (!isMap(node)) return [];
    return node.items.map(({ key, value }) => ({
      ...placeOf(file, key),
      text: `${scalarText(key)}=${scalarText(value)}`,
    }));
  });
}

/** The services a file writes, as plain data. */
export function servicesOf(file: ComposeSource): [string, Record<string, unknown>][] {
  return Object.entries(asRecord(asRecord(file.raw).services)).map(([key, service]) => [key, asRecord(service)]);
}

/** The line a character of a text is on. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

function follow(file: ComposeSource, path: readonly string[], whole = false) {
  let node: unknown = file.document.contents;
  let line = 1;
  let depth = 0;
  for (const step of path) {
    const target = isAlias(node) ? node.resolve(file.document) : node;
    if (isMap(target)) {
      const pair = target.items.find(({ key }) => scalarText(key) === step);
      if (!pair) break;
      line = placeOf(file, pair.key).line;
      node = pair.value;
    } else if (isSeq(target) && target.items[Number(step)] !== undefined) {
      node = target.items[Number(step)];
      line = placeOf(file, node).line;
    } else break;
    depth++;
  }
  const found = isAlias(node) ? node.resolve(file.document) : node;
  return { node: whole && depth < path.length ? undefined : found, line, depth };
}

function placeOf(file: ComposeSource, node: unknown): Place {
  const offset = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? (node.range?.[0] ?? 0) : 0;
  return { file: file.path, line: lineAt(file.text, offset) };
}

function scalarText(node: unknown): string {
  return isScalar(node) ? String(node.value ?? "") : "";
}
