import type { LintContext } from "../context.ts";
import type { RecipeState } from "../recipe-state.ts";
import type { Rule } from "../rule.ts";

const VERSION_VARIABLE = /^SECRET_\w+_VERSION$/;

export const versionsReachOperators: Rule = {
  id: "C038",
  level: "warning",
  title: "A raised SECRET_*_VERSION of .env.sample is in the release notes",
  why: "abra copies the sample once: who has the app already keeps the old version, and the old secret.",
  remedy: "Tell operators in release/next to raise the variable and to insert the new secret, or leave the version.",
  check: async (context) => {
    const { head, base } = context;
    if (!base) return [];
    const before = versionsIn(base.states[0]);
    const told = await newNotes(context);
    return [...versionsIn(head)]
      .filter(([key, { value }]) => (before.get(key)?.value ?? value) !== value)
      .filter(([key]) => !Object.hasOwn(head.abraSh ?? {}, key) && !told.includes(key))
      .map(([key, { value, line }]) => ({
        message: `${key} is ${value}, and operators who come from ${base.version.text} keep ${before.get(key)?.value}`,
        file: ".env.sample",
        line,
      }));
  },
};

/** The version that a sample gives each secret, or suggests in a comment. */
function versionsIn({ sample, optional }: RecipeState): Map<string, { value: string; line: number }> {
  const lines = [...optional, ...(sample?.entries ?? [])].filter(({ key }) => VERSION_VARIABLE.test(key));
  return new Map(lines.map(({ key, value, line }) => [key, { value, line }]));
}

/** The text of release notes that the base does not have, or has otherwise. */
async function newNotes({ head, base }: LintContext): Promise<string> {
  const notes = head.paths.filter((path) => path.startsWith("release/"));
  const texts = notes.map(async (path) => {
    const [now, before] = await Promise.all([head.read(path), base?.states[0].read(path)]);
    return now === before ? "" : (now ?? "");
  });
  return (await Promise.all(texts)).join("\n");
}
