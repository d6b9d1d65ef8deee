import type { Token } from "./lex.ts";
import { type TokenReader, unquoted } from "./tokens.ts";

export type Term =
  | { kind: "string"; value: string }
  | { kind: "boolean"; value: boolean }
  | { kind: "function"; name: string; line: number }
  /** Names after a dot or, of a variable, after its name; the variable `$` is named so. */
  | { kind: "field"; variable?: string; path: string[]; line: number }
  | { kind: "pipeline"; pipeline: Pipeline }
  /** A number, a character, `nil`, the dot, or a field of what a function gives. */
  | { kind: "other" };

/** Commands one after the other, each a list of terms; what one gives is the last argument of the next. */
export interface Pipeline {
  commands: Term[][];
  /** It sets a variable, and puts nothing into the text. */
  declares: boolean;
}

/** Deeper than a person nests, shallower than what this parser's own stack takes. */
const DEPTH_LIMIT = 200;
const NUMBER =
  /^[+-]?(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?[\d_]*|\.[\d_]+)(?:[eE][+-]?[\d_]+)?i?)$/;

/** Reads pipelines, and knows which variables are set. */
export class PipelineParser {
  variables = ["$"];
  private readonly reader: TokenReader;
  private readonly functions: ReadonlySet<string>;
  private depth = 0;

  constructor(reader: TokenReader, functions: ReadonlySet<string>) {
    this.reader = reader;
    this.functions = functions;
  }

  /**
   * Reads up to and with the end.
   * @param what has it, for messages: the keyword of the action
   * @throws TemplateError for what Go refuses
   */
  read(what: string, end: "close" | ")" = "close"): Pipeline {
    const { reader } = this;
    return this.nested(() => {
      const declares = this.declaration(what);
      const commands: Term[][] = [];
      let more = true;
      for (;;) {
        reader.space();
        const token = reader.peek();
        if (token.kind === end || (token.kind === "symbol" && token.text === end)) break;
        if (!more) throw reader.misplaced(token);
        commands.push(this.command(commands.length));
        more = reader.peek().text === "|";
        if (more) reader.take();
      }
      if (commands.length === 0) throw reader.error(`${what} lacks a value`);
      reader.take();
      return { commands, declares };
    });
  }

  /** @throws TemplateError instead of running out of stack */
  nested<T>(read: () => T): T {
    if (this.depth >= DEPTH_LIMIT) throw this.reader.error("is nested too deeply");
    this.depth++;
    const result = read();
    this.depth--;
    return result;
  }

  /** `$x :=`, `$x =` and, of a range, `$i, $x :=`. */
  private declaration(what: string): boolean {
    const { reader } = this;
    const start = reader.mark();
    const names: string[] = [];
    for (;;) {
      reader.space();
      if (reader.peek().kind !== "variable") break;
      names.push(reader.take().text);
      reader.space();
      const sign = reader.peek().text;
      if (sign === ":=" || sign === "=") {
        reader.take();
        this.variables.push(...names);
        return true;
      }
      if (sign !== "," || what !== "range" || names.length > 1) break;
      reader.take();
    }
    if (names.length > 1) throw reader.error("nothing is assigned to the two variables");
    reader.goBack(start);
    return false;
  }

  private command(stage: number): Term[] {
    const { reader } = this;
    const terms: Term[] = [];
    for (;;) {
      reader.space();
      const token = reader.peek();
      const term = this.operand();
      if (!term) break;
      if (stage > 0 && terms.length === 0 && !["function", "field", "pipeline"].includes(term.kind)) {
        throw reader.error(`${JSON.stringify(token.text)} after a | can't be called`, token);
      }
      terms.push(term);
      if (reader.peek().kind !== "space") break;
    }
    if (terms.length === 0) throw reader.misplaced(reader.peek());
    return terms;
  }

  private operand(): Term | undefined {
    const { reader } = this;
    const token = reader.peek();
    const term = this.term(token);
    if (!term) return undefined;
    const path: string[] = [];
    while (reader.peek().kind === "field") path.push(reader.take().text.slice(1));
    if (path.length === 0) return term;
    if (term.kind === "field") return { ...term, path: [...term.path, ...path] };
    if (term.kind !== "function" && term.kind !== "pipeline") {
      throw reader.error(`${JSON.stringify(token.text)} has no fields`, token);
    }
    return { kind: "pipeline", pipeline: { commands: [[term], [{ kind: "other" }]], declares: false } };
  }

  private term(token: Token): Term | undefined {
    const { kind, text, line } = token;
    const isParenthesis = kind === "symbol" && text === "(";
    if (!isParenthesis && !["word", "string", "constant", "dot", "variable", "field"].includes(kind)) return undefined;
    this.reader.take();
    if (isParenthesis) return { kind: "pipeline", pipeline: this.read("( )", ")") };
    if (kind === "word") return this.word(token);
    if (kind === "string") return { kind, value: unquoted(token) };
    if (kind === "field") return { kind, path: [text.slice(1)], line };
    if (kind === "variable") {
      if (!this.variables.includes(text)) throw this.reader.error(`variable ${text} is set nowhere before`);
      return { kind: "field", variable: text, path: [], line };
    }
    if (kind === "constant" && !text.startsWith("'") && !NUMBER.test(text)) {
      throw this.reader.error(`"${text}" is no number`);
    }
    return { kind: "other" };
  }

  private word({ text, line }: Token): Term {
    if (text === "true" || text === "false") return { kind: "boolean", value: text === "true" };
    if (text === "nil") return { kind: "other" };
    if (!this.functions.has(text)) throw this.reader.error(`function "${text}" is unknown to Swarm`);
    return { kind: "function", name: text, line };
  }
}
