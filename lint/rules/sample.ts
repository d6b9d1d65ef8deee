import { expandVariables, readAssignment } from "../../compose/env/line.ts";
import type { LintContext } from "../context.ts";
import type { RecipeState } from "../recipe-state.ts";
import type { Rule } from "../rule.ts";

const SAMPLE = ".env.sample";

export const domainReplaced: Rule = {
  id: "C032",
  level: "warning",
  title: "DOMAIN of .env.sample is <recipe>.example.com, and something uses it",
  why: "abra app new puts the app's domain in that place alone: any other text stays in every operator's .env.",
  remedy: "Write DOMAIN=<recipe>.example.com with the recipe's name, and use it; without a web page leave it out.",
  check: async (context) => {
    const { head, recipe } = context;
    const entry = head.sample?.entries.findLast(({ key }) => key === "DOMAIN");
    if (!entry) return [];
    const { line } = entry;
    const isReplaced = (lineOf(head, line) ?? "").includes(`${recipe}.example.com`);
    const message = `abra replaces ${recipe}.example.com, and DOMAIN is another text`;
    return [
      ...(isReplaced ? [] : [{ message, file: SAMPLE, line }]),
      ...((await isUsed(context))
        ? []
        : [{ message: "no compose file, config or command uses DOMAIN", file: SAMPLE, line }]),
    ];
  },
};

export const typeIsRecipe: Rule = {
  id: "C033",
  level: "error",
  title: "TYPE of .env.sample is the name of the recipe",
  why: "abra finds the recipe of an app by it: with another name, or none, no command works for the app.",
  remedy: "Write TYPE=<recipe> with the recipe's name.",
  claims: /TYPE/,
  check: ({ head, recipe }) => {
    if (!head.sample) return [];
    const types = head.sample.entries.filter(({ key }) => key === "TYPE" || key === "RECIPE");
    if (types.length === 0) return [{ message: "there is no TYPE", file: SAMPLE, line: 1 }];
    return types
      .filter(({ value }) => value.split(":")[0] !== recipe)
      .map(({ key, value, line }) => ({ message: `${key} is "${value}", not "${recipe}"`, file: SAMPLE, line }));
  },
};

export const valuesWhole: Rule = {
  id: "C039",
  level: "warning",
  title: "No value of .env.sample loses what follows a $",
  why: "abra puts in a variable that an earlier line sets, and nothing where none does.",
  remedy: "Put the value into single quotes, or write the line of that variable before it.",
  check: ({ head }) => {
    const earlier = new Set<string>();
    return [...(head.sample?.entries ?? []), ...head.optional]
      .sort((a, b) => a.line - b.line)
      .flatMap(({ key, line }) => {
        const lost = lostNames(lineOf(head, line) ?? "", earlier);
        earlier.add(key);
        return lost.map((name) => ({
          message: `${key}: nothing is put in for $${name}, which no line before it sets`,
          ...{ file: SAMPLE, line },
        }));
      });
  },
};

export const setOnce: Rule = {
  id: "C053",
  level: "warning",
  title: "No variable of .env.sample is set twice",
  why: "abra takes the last: an operator who changes the first changes nothing.",
  remedy: "Leave one of the lines, or comment it out.",
  check: ({ head }) =>
    (head.sample?.warnings ?? []).flatMap((warning) => {
      const [, line = "", message] = /^\S+:(\d+) (\S+: is set in line \d+ as well.*)$/.exec(warning) ?? [];
      return message === undefined ? [] : [{ message, file: SAMPLE, line: Number(line) }];
    }),
};

/** Names that the value of a line, commented out or not, asks for in vain. */
function lostNames(text: string, known: ReadonlySet<string>): string[] {
  const read = readAssignment(text.replace(/^[\s#]+/, ""), 0);
  if ("problem" in read || !read.expands) return [];
  const names = [...read.value.matchAll(/(?<!\\)\$\(?\{?([A-Z0-9_]+)/g)].map(([, name = ""]) => name);
  const isLost = (name: string) => !known.has(name) && expandVariables(`$${name}`, {}, 1) === "";
  return [...new Set(names)].filter(isLost);
}

/** The text of a line of the sample, counted from 1. */
function lineOf({ sampleText }: RecipeState, line: number): string | undefined {
  return sampleText?.split("\n")[line - 1];
}

/** abra gives service `app` every variable, but nobody says that its image reads this one. */
async function isUsed({ combinations }: LintContext): Promise<boolean> {
  const [head] = combinations;
  if (head.files.some(({ variables }) => variables.some(({ name }) => name === "DOMAIN"))) return true;
  const files = combinations.flatMap(({ configs }) => configs.map(({ file }) => file));
  for (const file of new Set(["abra.sh", ...files])) {
    if (/\bDOMAIN\b/.test((await head.read(file)) ?? "")) return true;
  }
  return false;
}
