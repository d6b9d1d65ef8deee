import { TemplateError } from "./lex.ts";
import { type Pipeline, PipelineParser } from "./pipeline.ts";
import { TokenReader, unquoted } from "./tokens.ts";

export type TemplateNode =
  /** Text that is not blank. */
  | { kind: "text" }
  | { kind: "output"; pipeline: Pipeline }
  | { kind: Control; pipeline: Pipeline; then: TemplateNode[]; otherwise: TemplateNode[] }
  | { kind: "template"; name: string; pipeline?: Pipeline; line: number };

type Control = "if" | "with" | "range";

export interface TemplateTree {
  nodes: TemplateNode[];
  /** What `define` and `block` name. */
  definitions: Map<string, TemplateNode[]>;
}

const KEYWORDS = new Set(["if", "else", "end", "range", "with", "template", "define", "block", "break", "continue"]);

/**
 * Reads a Go template as text/template/parse does.
 * @param functions names a template may call
 * @throws TemplateError for what Go refuses to parse
 */
export function parseTemplate(text: string, functions: ReadonlySet<string>): TemplateTree {
  return new Parser(text, functions).template();
}

class Parser {
  private readonly reader: TokenReader;
  private readonly pipelines: PipelineParser;
  private readonly definitions = new Map<string, TemplateNode[]>();
  private ranges = 0;

  constructor(text: string, functions: ReadonlySet<string>) {
    this.reader = new TokenReader(text);
    this.pipelines = new PipelineParser(this.reader, functions);
  }

  template(): TemplateTree {
    const nodes: TemplateNode[] = [];
    while (this.reader.peek().kind !== "end of file") {
      if (this.keywordAhead() === "define") this.define();
      else this.item(nodes);
    }
    return { nodes, definitions: this.definitions };
  }

  /** One text or action; a keyword that begins neither a block nor output, such as `end`, is refused. */
  private item(nodes: TemplateNode[]): void {
    this.reader.forget();
    const { kind, text } = this.reader.take();
    if (kind === "text") {
      if (text.trim()) nodes.push({ kind });
      return;
    }
    const word = this.keyword();
    if (word === "if" || word === "with" || word === "range") nodes.push(this.control(word));
    else if (word === "template") nodes.push(this.call());
    else if (word === "block") nodes.push(this.block());
    else if (word === "break" || word === "continue") this.leave(word);
    else if (word) throw this.reader.error(`{{ ${word} }} can't stand there`);
    else nodes.push({ kind: "output", pipeline: this.pipelines.read("an action") });
  }

  private control(kind: Control): TemplateNode {
    const scope = this.pipelines.variables.length;
    this.reader.take();
    const pipeline = this.pipelines.read(kind);
    const inRange = kind === "range" ? 1 : 0;
    this.ranges += inRange;
    const then = this.list(kind, ["else", "end"]);
    this.ranges -= inRange;
    const otherwise = this.otherwise(kind);
    this.pipelines.variables.length = scope;
    return { kind, pipeline, then, otherwise };
  }

  /** What follows a list: nothing after `end`; after `else` another list, or after `else if` another block. */
  private otherwise(kind: Control): TemplateNode[] {
    const ended = this.keyword() === "end";
    this.reader.take();
    const chained = !ended && kind !== "range" && this.keyword() === kind;
    if (chained) return [this.pipelines.nested(() => this.control(kind))];
    this.reader.close();
    if (ended) return [];
    const nodes = this.list(kind, ["end"]);
    this.end();
    return nodes;
  }

  /** Items up to, and without, an action that begins with one of the words. */
  private list(what: string, words: readonly string[]): TemplateNode[] {
    const nodes: TemplateNode[] = [];
    const { line } = this.reader.peek();
    return this.pipelines.nested(() => {
      while (!words.includes(this.keywordAhead() ?? "")) {
        if (this.reader.peek().kind === "end of file") {
          throw new TemplateError(`{{ ${what} }} has no {{ end }}`, line);
        }
        this.item(nodes);
      }
      this.reader.take();
      return nodes;
    });
  }

  private define(): void {
    this.reader.take();
    const name = this.name("define");
    this.reader.close();
    this.body("define", name);
  }

  private block(): TemplateNode {
    const { line } = this.reader.peek();
    const name = this.name("block");
    const pipeline = this.pipelines.read("block");
    this.body("block", name);
    return { kind: "template", name, pipeline, line };
  }

  /** Variables and loops from outside are not there within. */
  private body(what: string, name: string): void {
    const { variables } = this.pipelines;
    const { ranges } = this;
    this.pipelines.variables = ["$"];
    this.ranges = 0;
    const nodes = this.list(what, ["end"]);
    this.end();
    this.pipelines.variables = variables;
    this.ranges = ranges;
    const known = this.definitions.get(name);
    if (known?.length && nodes.length > 0) throw this.reader.error(`"${name}" is defined twice`);
    if (!known?.length) this.definitions.set(name, nodes);
  }

  private call(): TemplateNode {
    const { line } = this.reader.peek();
    const name = this.name("template");
    if (this.reader.peek().kind !== "close") {
      return { kind: "template", name, pipeline: this.pipelines.read("template"), line };
    }
    this.reader.take();
    return { kind: "template", name, line };
  }

  /** The keyword, and the name in quotes after it. */
  private name(what: string): string {
    this.reader.space();
    this.reader.take();
    this.reader.space();
    const token = this.reader.take();
    if (token.kind !== "string") throw this.reader.error(`{{ ${what} }} names nothing in quotes`);
    this.reader.space();
    return unquoted(token);
  }

  private leave(word: string): void {
    this.reader.take();
    if (this.ranges === 0) throw this.reader.error(`{{ ${word} }} is in no {{ range }}`);
    this.reader.close();
  }

  private end(): void {
    this.reader.space();
    this.reader.take();
    this.reader.close();
  }

  /** The keyword of the action that comes next. */
  private keywordAhead(): string | undefined {
    if (this.reader.peek().kind !== "open") return undefined;
    const { kind, text } = this.reader.peek(this.reader.peek(1).kind === "space" ? 2 : 1);
    return kind === "word" && KEYWORDS.has(text) ? text : undefined;
  }

  /** The keyword of the action that is open. */
  private keyword(): string | undefined {
    this.reader.space();
    const { kind, text } = this.reader.peek();
    return kind === "word" && KEYWORDS.has(text) ? text : undefined;
  }
}
