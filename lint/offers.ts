/** One way to switch a recipe's compose files on, as an `.env` that an operator may come to have. */
export interface Offer {
  /** The text of that `.env`; lines stay where they are in the sample. */
  env: string;
  /** Lines of the sample, counted from 1, that the operator uncomments: the COMPOSE_FILE lines alone. */
  lines: readonly number[];
  /** A compose file that no line of the sample names: nobody says how it is to be used. */
  unnamed?: string;
}

/** Most combinations that are judged, besides what an operator gets who changes nothing. */
export const OFFER_LIMIT = 40;
/** Most combinations of several options that are judged: all of nine that go together. */
export const JOINT_LIMIT = 40;

const COMPOSE_FILE = /^COMPOSE_FILE\s*[=:]\s*(.*)$/;
const COMMENTED = /^#+[ \t]*(?:export\s+)?([A-Za-z_]\w*=.*)$/;
const ACTIVE = /^[ \t]*(?:export\s+)?(COMPOSE_FILE\s*[=:].*)$/;
const EXTENDS = /\$\(?\{?COMPOSE_FILE\b/;

/** A line of the sample that may be switched on, and what belongs to it. */
interface Option {
  /** Index of its COMPOSE_FILE line. */
  at: number;
  /** Adds to what is enabled, where others put something in its place. */
  extends: boolean;
  paragraph: number;
  /** Indexes of the commented-out assignments that go with it, itself among them. */
  block: readonly number[];
}

/**
 * What an `.env.sample` offers: itself as it is first, then each commented-out COMPOSE_FILE line switched on, together
 * with the commented-out variables of its paragraph. A line with a list of its own takes the place of the list that is
 * enabled; one that begins with `$COMPOSE_FILE` adds to it. Files of the recipe's root that no line names come last,
 * each beside what is enabled.
 * @param unnamed those files, given the paths that the lines name
 */
export function offersOf(sample: string, unnamed: readonly string[]): Offer[] {
  const lines = sample.split("\n");
  const options = optionsIn(lines);
  const plain: Offer = { env: sample, lines: [] };
  return [
    plain,
    ...options.map((option) => ({ env: enabled(lines, [option]), lines: [option.at + 1] })),
    ...unnamed.map((path) => ({ env: sample, lines: [], unnamed: path })),
  ];
}

/** A COMPOSE_FILE line of the sample that is commented out. */
export interface OptionLine {
  /** Counted from 1. */
  line: number;
  /** It adds to what is enabled, where others put something in its place. */
  extends: boolean;
  /** Which paragraph it is in. */
  paragraph: number;
}

export function linesOf(sample: string): OptionLine[] {
  return optionsIn(sample.split("\n")).map(({ at, extends: adds, paragraph }) => ({
    line: at + 1,
    extends: adds,
    paragraph,
  }));
}

/** The offer of several of these lines at once. */
export function together(sample: string, chosen: readonly number[]): Offer {
  const lines = sample.split("\n");
  return {
    env: enabled(
      lines,
      optionsIn(lines).filter(({ at }) => chosen.includes(at + 1)),
    ),
    lines: chosen,
  };
}

/** An offer with the commented-out lines of some variables switched on as well. */
export function withOptions({ env, ...offer }: Offer, names: ReadonlySet<string>): Offer {
  const lines = env.split("\n").map((line) => {
    const content = commentedOut(line) ?? "";
    return names.has(content.split("=", 1)[0] ?? "") ? content : line;
  });
  return { ...offer, env: lines.join("\n") };
}

/** The assignment in a comment; undefined where the line holds none. */
function commentedOut(line: string): string | undefined {
  return COMMENTED.exec(line.trimEnd())?.[1];
}

function optionsIn(lines: readonly string[]): Option[] {
  const options: Option[] = [];
  for (const [number, paragraph] of paragraphs(lines).entries()) {
    const own = paragraph.filter((at) => COMPOSE_FILE.test(commentedOut(lines[at] ?? "") ?? ""));
    for (const [index, at] of own.entries()) {
      // What stands above the first of several belongs to it, what follows one to that one.
      const from = index === 0 ? (paragraph[0] ?? at) : at;
      const to = own[index + 1] ?? (paragraph.at(-1) ?? at) + 1;
      const block = paragraph.filter((line) => line >= from && line < to && commentedOut(lines[line] ?? ""));
      options.push({ at, extends: EXTENDS.test(commentedOut(lines[at] ?? "") ?? ""), paragraph: number, block });
    }
  }
  return options;
}

/** Indexes of lines that follow one another without an empty one. */
function paragraphs(lines: readonly string[]): number[][] {
  const found: number[][] = [[]];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") found.push([]);
    else found.at(-1)?.push(index);
  }
  return found.filter(({ length }) => length > 0);
}

function enabled(lines: readonly string[], options: readonly Option[]): string {
  const on = new Set(options.flatMap(({ block }) => block));
  const replaces = options.some((option) => !option.extends);
  return lines
    .map((line, index) => {
      if (on.has(index)) return commentedOut(line) ?? line;
      const active = replaces && ACTIVE.exec(line)?.[1];
      // Of two lists an operator keeps one.
      return active && !EXTENDS.test(active) ? `#${line}` : line;
    })
    .join("\n");
}
