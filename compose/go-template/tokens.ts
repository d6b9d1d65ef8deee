import { TemplateError, type Token, tokensOf } from "./lex.ts";

const END: Token = { kind: "end of file", text: "", line: 1 };

/** The tokens of a template one by one, with a look ahead. */
export class TokenReader {
  private readonly tokens: Token[] = [];
  private readonly rest: Iterator<Token>;
  private next = 0;

  constructor(template: string) {
    this.rest = tokensOf(template);
  }

  // Read on only as far as needed: of several mistakes the first is told.
  peek(ahead = 0): Token {
    while (this.tokens.length <= this.next + ahead) this.tokens.push(this.rest.next().value ?? END);
    return this.tokens[this.next + ahead] ?? END;
  }

  take(): Token {
    const token = this.peek();
    this.next++;
    return token;
  }

  space(): void {
    while (this.peek().kind === "space") this.take();
  }

  /** Takes the end of an action. */
  close(): void {
    this.space();
    const token = this.take();
    if (token.kind !== "close") throw this.misplaced(token);
  }

  /** Where the next token is, to go back to before the next {@link forget}. */
  mark(): number {
    return this.next;
  }

  goBack(mark: number): void {
    this.next = mark;
  }

  /** Lets go of what was taken, for long templates. */
  forget(): void {
    if (this.next < 1000) return;
    this.tokens.splice(0, this.next - 1);
    this.next = 1;
  }

  misplaced(token: Token): TemplateError {
    return this.error(`${JSON.stringify(token.text)} can't stand there`, token);
  }

  /** @param token where it is. Default: what was taken last */
  error(message: string, token = this.tokens[this.next - 1] ?? END): TemplateError {
    return new TemplateError(message, token.line);
  }
}

const ESCAPES = /\\(?:[abfnrtv\\"]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3})/g;

/** The text of a token in quotes. Of the escapes only those of names matter: quotes and backslashes. */
export function unquoted({ text, line }: Token): string {
  const inner = text.slice(1, -1);
  if (text.startsWith("`")) return inner;
  if (inner.replace(ESCAPES, "").includes("\\")) throw new TemplateError(`${text} has an unknown escape`, line);
  return inner.replace(ESCAPES, (found) => (/^\\["\\]$/.test(found) ? found.slice(1) : found));
}
