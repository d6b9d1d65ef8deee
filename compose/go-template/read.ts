import { TemplateError } from "./lex.ts";
import { parseTemplate, type TemplateNode, type TemplateTree } from "./parse.ts";
import type { Pipeline, Term } from "./pipeline.ts";
import { argumentsRead, evaluate, type Variables } from "./value.ts";

/** What Swarm's own functions give (swarmkit, template/context.go). */
const SOURCES = ["env", "secret", "config"] as const;
type Source = (typeof SOURCES)[number];

/** The functions of every Go template, and `join`, which Swarm adds. */
const COMMON = `and call eq ge gt html index join js le len lt ne not or print printf println slice urlquery`.split(
  " ",
);
const FUNCTIONS = new Set<string>([...SOURCES, ...COMMON]);
/** They ask about a value, or stand in for one that is empty. */
const ASKING = new Set(["and", "or", "not", "eq", "ne", "lt", "le", "gt", "ge", "len"]);

/** What a template finds under the dot; `true` for whatever is in there. */
const CONTEXT: Fields = {
  Service: { ID: {}, Name: {}, Labels: true },
  Node: { ID: {}, Hostname: {}, Platform: { Architecture: {}, OS: {} } },
  Task: { ID: {}, Name: {}, Slot: {} },
};
type Fields = true | { [name: string]: Fields };

/** A template asks for a variable, a secret or a config. */
export interface TemplateCall {
  source: Source;
  /** Name of the variable, or target file of the secret or config. */
  argument: string;
  line: number;
  /** It happens for sure: not only in some branch that may not be taken. */
  reached: boolean;
  /** The value goes into the text: nothing tests it or stands in for it. */
  plain: boolean;
}

/** What makes Swarm reject every task that gets the template. */
export interface TemplateProblem {
  message: string;
  line: number;
}

export interface TemplateReading {
  calls: TemplateCall[];
  problems: TemplateProblem[];
}

/**
 * Reads a template of `template_driver: golang`, to follow it as Swarm would expand it for a service: its variables
 * decide which branches are taken.
 */
export function readTemplate(text: string): (env: Variables) => TemplateReading {
  try {
    const tree = parseTemplate(text, FUNCTIONS);
    return (env) => new Walk(tree, env).reading();
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const { message, line } = error;
    return () => ({ calls: [], problems: [{ message, line }] });
  }
}

interface Position {
  reached: boolean;
  /** The dot is what Swarm gives, and no value of `with` or `range`. */
  root: boolean;
  /** So is `$`, everywhere but in a definition. */
  main: boolean;
}

class Walk {
  private readonly tree: TemplateTree;
  private readonly env: Variables;
  private readonly calls: TemplateCall[] = [];
  private readonly problems: TemplateProblem[] = [];
  private readonly walked = new Set<string>();

  constructor(tree: TemplateTree, env: Variables) {
    this.tree = tree;
    this.env = env;
  }

  reading(): TemplateReading {
    this.nodes(this.tree.nodes, { reached: true, root: true, main: true });
    for (const name of this.tree.definitions.keys()) this.definition(name, false);
    return { calls: this.calls, problems: this.problems };
  }

  private nodes(nodes: readonly TemplateNode[], at: Position): void {
    for (const node of nodes) {
      if (node.kind === "text") continue;
      if (node.kind === "template") this.invocation(node, at);
      else if (node.kind === "output") this.pipeline(node.pipeline, at, !node.pipeline.declares);
      else this.branches(node, at);
    }
  }

  private branches(node: Extract<TemplateNode, { then: unknown }>, at: Position): void {
    this.pipeline(node.pipeline, at, false);
    const value = node.kind === "range" ? undefined : evaluate(node.pipeline, this.env);
    const inner = { ...at, root: at.root && node.kind === "if" };
    this.nodes(node.then, { ...inner, reached: at.reached && value !== undefined && Boolean(value) });
    this.nodes(node.otherwise, { ...at, reached: at.reached && value !== undefined && !value });
  }

  private invocation({ name, pipeline, line }: Extract<TemplateNode, { name: string }>, at: Position): void {
    if (pipeline) this.pipeline(pipeline, at, false);
    if (this.tree.definitions.has(name)) this.definition(name, at.reached);
    else if (at.reached) this.problems.push({ message: `no template "${name}" is defined in the file`, line });
  }

  // Once for each way to get there is enough, and a definition may call itself.
  private definition(name: string, reached: boolean): void {
    if (this.walked.has(`true ${name}`) || this.walked.has(`${reached} ${name}`)) return;
    this.walked.add(`${reached} ${name}`);
    this.nodes(this.tree.definitions.get(name) ?? [], { reached, root: false, main: false });
  }

  private pipeline({ commands }: Pipeline, at: Position, plain: boolean): void {
    const lastAsked = commands.findLastIndex(([first]) => first?.kind === "function" && ASKING.has(first.name));
    for (const [index, command] of commands.entries()) {
      this.command(command, commands[index - 1], at, plain && index >= lastAsked);
    }
  }

  private command(command: readonly Term[], piped: readonly Term[] | undefined, at: Position, plain: boolean): void {
    const [first, ...rest] = command;
    const inner = plain && !(first?.kind === "function" && ASKING.has(first.name));
    // What a longer command before the | gives is known only as it happens.
    const given: Term[] = piped ? (piped.length === 1 ? [...piped] : [{ kind: "other" }]) : [];
    if (first?.kind === "function") this.call(first, [...rest, ...given], at, plain);
    else if (first) this.term(first, at, plain);
    const read = first?.kind === "function" ? argumentsRead(first.name, rest, this.env) : rest.length;
    for (const [index, term] of rest.entries()) this.term(term, { ...at, reached: at.reached && index < read }, inner);
  }

  private term(term: Term, at: Position, plain: boolean): void {
    if (term.kind === "pipeline") this.pipeline(term.pipeline, at, plain);
    else if (term.kind === "function") this.call(term, [], at, plain);
    else if (term.kind === "field") this.field(term, at);
  }

  private call(
    { name, line }: Extract<Term, { kind: "function" }>,
    args: readonly Term[],
    { reached }: Position,
    plain: boolean,
  ): void {
    const source = SOURCES.find((one) => one === name);
    const [argument] = args;
    if (!source) return;
    if (args.length !== 1 && reached) this.problems.push({ message: `${source} takes one name`, line });
    if (argument?.kind !== "string") return;
    this.calls.push({ source, argument: argument.value, line, reached, plain });
  }

  private field({ variable, path, line }: Extract<Term, { kind: "field" }>, { reached, root, main }: Position): void {
    const isContext = variable === undefined ? root : variable === "$" && main;
    if (!reached || !isContext || isKnown(path)) return;
    this.problems.push({ message: `Swarm gives a template no .${path.join(".")}`, line });
  }
}

function isKnown(path: readonly string[]): boolean {
  let at: Fields = CONTEXT;
  for (const name of path) {
    if (at === true) return true;
    if (!Object.hasOwn(at, name)) return false;
    at = at[name] ?? {};
  }
  return true;
}
