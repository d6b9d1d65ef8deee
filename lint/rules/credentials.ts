import { isHarmless, isSensitive } from "../../masking/sensitive.ts";
import { type ComposeSource, servicesOf, writtenLabels } from "../places.ts";
import type { Finding, Rule } from "../rule.ts";

const KIND = "credentials are in plain text";

export const noCredentials: Rule = {
  id: "C034",
  level: "warning",
  title: "No password or key is written in plain text",
  why: "All who install the recipe have the same one, and everyone can read it.",
  remedy: "Make it a secret of the recipe, or leave the value empty for operators to fill in.",
  check: ({ head }) => [
    ...(head.sample?.entries ?? [])
      .filter(({ key, value }) => isCredential(key, value))
      .map(({ key, line }) => ({ message: `${key} has a value`, kind: KIND, file: ".env.sample", line })),
    ...head.files.flatMap(inEnvironment),
  ],
};

function inEnvironment(file: ComposeSource): Finding[] {
  return servicesOf(file).flatMap(([service]) =>
    writtenLabels([file], service, ["environment"]).flatMap(({ text, file: path, line }) => {
      const [key = "", ...rest] = text.split("=");
      if (!isCredential(key, rest.join("="))) return [];
      return [{ message: `service ${service}: ${key} is given its value`, kind: KIND, file: path, line }];
    }),
  );
}

/** A version such as `v1`, a place to fill in, and what comes from a variable are none; a variable's default is. */
function isCredential(name: string, value: string): boolean {
  const text = /^\$\{\w+:?-([^}]*)\}$/.exec(value)?.[1] ?? value;
  if (text.includes("$") || /^v\d+$/.test(text) || /^<.*>$|^\[.*\]$/.test(text)) return false;
  return isSensitive(name) && !isHarmless(text);
}
