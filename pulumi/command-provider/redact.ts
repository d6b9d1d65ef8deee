import { type Properties, secretStrings } from "./values.ts";

/** Shorter strings are left: hiding every `1` or `on` would only make a text unreadable. */
const SHORTEST = 4;
/** A connection is secret as a whole, but only these parts of it give access. */
const CREDENTIALS = ["password", "privateKey", "privateKeyPassword"];

/** Gives a function that replaces every secret among the inputs in a text by `[secret]`. */
export function redactor(inputs: Properties): (text: string) => string {
  const { connection, ...others } = inputs;
  const secrets = [...secretStrings(others), ...credentials(connection ? { connection } : {})];
  const needles = secrets
    .flatMap((text) => [text, ...text.split("\n")])
    .map((text) => text.trim())
    .filter((text) => text.length >= SHORTEST)
    .sort((a, b) => b.length - a.length);
  return (text) => needles.reduce((result, needle) => result.replaceAll(needle, "[secret]"), text);
}

function credentials(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    CREDENTIALS.includes(key) ? secretStrings(item, true) : credentials(item),
  );
}
