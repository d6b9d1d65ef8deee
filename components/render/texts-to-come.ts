import * as pulumi from "@pulumi/pulumi";

/** What comes in place of texts that stand in a spec, by those texts: known once other resources are there. */
export type TextsToCome = Readonly<Record<string, pulumi.Input<string>>>;

/** A rendered spec in which each such text is what comes in its place; all else stays as it is. */
export function withTextsToCome<T>(rendered: T, texts: TextsToCome = {}): T {
  const names = Object.keys(texts);
  const filled = (value: unknown): unknown => {
    if (typeof value === "string") {
      const within = names.filter((name) => value.includes(name));
      return within.length === 0
        ? value
        : pulumi.all(within.map((name) => texts[name])).apply(replacing(value, within));
    }
    if (Array.isArray(value)) return value.map(filled);
    if (typeof value !== "object" || value === null || pulumi.Output.isInstance(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filled(one)]));
  };
  return names.length === 0 ? rendered : (filled(rendered) as T);
}

function replacing(text: string, names: readonly string[]) {
  return (known: readonly (string | undefined)[]): string =>
    names.reduce((all, name, index) => all.replaceAll(name, known[index] ?? ""), text);
}
