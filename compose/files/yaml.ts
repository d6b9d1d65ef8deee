import {
  type Alias,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLMap,
} from "yaml";
import { messageOf, UserError, UserErrors } from "../../lib/errors.ts";
import { readTwoWays } from "./yaml-dialects.ts";

/** Most levels of mappings and lists. What docker/cli knows has no more than eight. */
const DEPTH_LIMIT = 100;
/** Most keys, values, mappings and lists of an app's files, aliases followed. Recipes have some hundred. */
export const NODE_LIMIT = 20_000;
const STANDARD_TAG = "tag:yaml.org,2002:";

export interface ComposeYaml {
  document: Document;
  /** The document as plain data, anchors and `<<` merged. */
  raw: unknown;
  /** Keys, values, mappings and lists, aliases followed. */
  nodes: number;
  lines: LineCounter;
}

/**
 * Parses a compose file, and refuses what go-yaml, by which docker/cli reads it, takes otherwise or not at all:
 * further documents (it reads the first only), tags that give a text another form (`!!binary`), keys that are no text
 * or given twice, anchors that hold themselves.
 * @throws UserErrors with file and line
 */
export function parseCompose(text: string, file: string): ComposeYaml {
  const lines = new LineCounter();
  try {
    // The parser would look for each key among all before it, which takes minutes for a long mapping.
    const document = parseDocument(text, { lineCounter: lines, merge: true, uniqueKeys: false, logLevel: "error" });
    const [problem] = document.errors;
    if (problem) throw syntaxMistake(problem, file);
    const structure = new Structure(file, text, lines);
    const mistakes = structure.mistakesIn(document.contents);
    const { nodes } = structure;
    if (nodes > NODE_LIMIT) mistakes.push(tooMany({ file }));
    if (mistakes.length > 0) throw new UserErrors(mistakes);
    return { document, lines, nodes, raw: document.toJS({ maxAliasCount: -1 }) };
  } catch (error) {
    if (error instanceof UserErrors) throw error;
    if (error instanceof UserError) throw new UserErrors([error]);
    // The parser calls itself for each level.
    throw new UserErrors([error instanceof RangeError ? tooDeep({ file }, error) : mergeMistake(error, file)]);
  }
}

interface Open {
  node: Node;
  depth: number;
  /** Whether it is in `{}` or `[]`, where no block can be. */
  flow: boolean;
}

/** The end of what an anchor stands for, and how many nodes were before it. */
interface Close {
  anchor: string;
  before: number;
}

/** Goes through a document in its order, without calling itself: how deep it is, is one of the questions. */
class Structure {
  nodes = 0;
  private readonly file: string;
  private readonly text: string;
  private readonly lines: LineCounter;
  /** How many nodes each anchor so far stands for; undefined where it is not at its end. */
  private readonly anchors = new Map<string, number | undefined>();

  constructor(file: string, text: string, lines: LineCounter) {
    this.file = file;
    this.text = text;
    this.lines = lines;
  }

  mistakesIn(contents: unknown): UserError[] {
    const mistakes: UserError[] = [];
    const stack: (Open | Close)[] = isNode(contents) ? [{ node: contents, depth: 1, flow: false }] : [];
    for (let next = stack.pop(); next; next = stack.pop()) {
      if ("anchor" in next) {
        this.anchors.set(next.anchor, this.nodes - next.before);
        continue;
      }
      const { node, depth } = next;
      if (isCollection(node) && depth > DEPTH_LIMIT) return [...mistakes, tooDeep(this.place(node))];
      mistakes.push(...this.mistakesOf(next));
      if (!isAlias(node) && node.anchor) {
        this.anchors.set(node.anchor, undefined);
        stack.push({ anchor: node.anchor, before: this.nodes });
      }
      this.nodes += isAlias(node) ? (this.anchors.get(node.source) ?? 1) : 1;
      const flow = isCollection(node) && node.flow === true;
      for (const part of partsOf(node).reverse()) stack.push({ node: part, depth: depth + 1, flow });
    }
    return mistakes;
  }

  private mistakesOf({ node, flow }: Open): UserError[] {
    const place = this.place(node);
    const otherwise = readTwoWays(node, this.text, flow);
    if (otherwise) return [new UserError(otherwise, { place, remedy: "quote it, or write it in lines of its own" })];
    if (isAlias(node)) return this.aliasMistakes(node);
    if (!isCollection(node) && !isScalar(node)) return [];
    // What `!!binary` and its like stand for would have to be decoded to be looked at.
    const remedy = "take it out, and put a text in quotes";
    const tag =
      node.tag && new UserError(`tag ${node.tag.replace(STANDARD_TAG, "!!")} is not taken`, { place, remedy });
    return [...(tag ? [tag] : []), ...(isMap(node) ? this.keyMistakes(node) : [])];
  }

  private aliasMistakes(alias: Alias): UserError[] {
    const { source } = alias;
    if (this.anchors.get(source) !== undefined) return [];
    const place = this.place(alias);
    if (this.anchors.has(source)) {
      const remedy = `take *${source} out of what &${source} stands for`;
      return [new UserError(`anchor ${source} holds itself`, { place, remedy })];
    }
    return [new UserError(`*${source} names no anchor before it`, { place, remedy: `put &${source} there` })];
  }

  /** docker/cli fails for keys that are no text, and does not say which. */
  private keyMistakes(map: YAMLMap): UserError[] {
    const seen = new Set<string>();
    return map.items.flatMap(({ key }) => {
      const place = this.place(isNode(key) ? key : map);
      // `<<` without quotes is a symbol.
      const text = isScalar(key) && ["string", "symbol"].includes(typeof key.value) ? key.source : undefined;
      if (text === undefined) {
        const name = isScalar(key) && key.source ? ` ${key.source}` : "";
        return [new UserError(`key${name} is no text`, { place, remedy: "put it in quotes" })];
      }
      if (seen.has(text)) return [new UserError(`key "${text}" is given twice`, { place, remedy: "keep one of them" })];
      seen.add(text);
      return [];
    });
  }

  private place(node: Node) {
    return { file: this.file, line: this.lines.linePos(node.range?.[0] ?? 0).line };
  }
}

function partsOf(node: Node): Node[] {
  if (isMap(node)) return node.items.flatMap(({ key, value }) => [key, value]).filter(isNode);
  return isSeq(node) ? node.items.filter(isNode) : [];
}

/** The mistake of files that are made of more than is read. */
export function tooMany(place: { file: string }): UserError {
  const remedy = "repeat less by aliases, and leave overlays out";
  return new UserError(`more than ${NODE_LIMIT} keys and values, aliases followed`, { place, remedy });
}

function tooDeep(place: { file: string; line?: number }, cause?: unknown): UserError {
  const remedy = "write it in fewer levels: docker knows no key below the eighth";
  return new UserError(`is nested more than ${DEPTH_LIMIT} levels deep`, { place, remedy, cause });
}

function syntaxMistake({ code, message, linePos }: Document["errors"][number], file: string): UserError {
  const place = { file, line: linePos?.[0].line };
  if (code === "MULTIPLE_DOCS") {
    const remedy = "take out the line --- and what follows it";
    return new UserError("begins a second document, which docker/cli never reads", { place, remedy });
  }
  if (code === "RESOURCE_EXHAUSTION") return tooDeep(place);
  const remedy = "correct the indentation, the quotes or the brackets there";
  return new UserError((message.split("\n")[0] ?? "").replace(/ at line \d+, column \d+:?$/, ""), { place, remedy });
}

/** What only shows once `<<` is followed; the parser does not say where. */
function mergeMistake(error: unknown, file: string): UserError {
  return new UserError(messageOf(error), {
    place: { file },
    remedy: "let << name a mapping, or a list of them",
    cause: error,
  });
}
