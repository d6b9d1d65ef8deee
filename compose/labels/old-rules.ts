import type { ServiceSpec } from "../app-spec.ts";
import { namesIn } from "./traefik-labels.ts";

/** One call in a rule, and its values in backticks or quotes. */
const CALL = /(?<!\w)([A-Za-z]+)\(((?:\s*(?:`[^`]*`|"(?:[^"\\]|\\.)*")\s*,?)*)\s*\)/g;
const VALUE = /`([^`]*)`|"((?:[^"\\]|\\.)*)"/g;

/** Matchers that take one value since version 3 (traefik/traefik docs: migration from v2 to v3, router rule matchers). */
const OF_ONE = [
  "Host",
  "HostRegexp",
  "Path",
  "PathPrefix",
  "PathRegexp",
  "Method",
  "ClientIP",
  "HostSNI",
  "HostSNIRegexp",
  "ALPN",
];
/** Matchers that version 3 has by another name. */
const RENAMED: Readonly<Record<string, string>> = {
  Headers: "Header",
  HeadersRegexp: "HeaderRegexp",
  HostHeader: "Host",
};
/** What takes expressions in braces in version 2, and what does in version 3. */
const WITH_BRACES: Readonly<Record<string, string>> = {
  HostRegexp: "HostRegexp",
  HostSNIRegexp: "HostSNIRegexp",
  Path: "PathRegexp",
  PathPrefix: "PathRegexp",
};
/** `{name:expression}` or `{name}`: neither a number of times, nor a class of characters. */
const BRACES = /(?<!\\[pP])\{[A-Za-z_]\w*(?::[^`]*)?\}/;

/**
 * What a service's rules have of the syntax of Traefik 2, one sentence each. The platform's Traefik is of version 3: it
 * refuses a rule with such a matcher or number of values, and takes expressions in braces as they are, so that the
 * router is there and never matches. A router that asks for the former syntax (`ruleSyntax`) has it.
 *
 * @param service with labels as Traefik reads them
 */
export function oldRules({ key, labels }: Pick<ServiceSpec, "key" | "labels">): string[] {
  return (["http", "tcp"] as const).flatMap((protocol) => {
    const prefix = `traefik.${protocol}.routers.`;
    return namesIn(labels, prefix).flatMap((name) => {
      const why =
        labels[`${prefix}${name}.rulesyntax`]?.toLowerCase() === "v2"
          ? undefined
          : oldPart(labels[`${prefix}${name}.rule`] ?? "");
      if (why === undefined) return [];
      return [
        `label ${prefix}${name}.rule of ${key} is in the syntax of Traefik 2, which Traefik 3 does not serve: ${why} (or label ${prefix}${name}.ruleSyntax=v2)`,
      ];
    });
  });
}

/** The first part of a rule that version 3 reads otherwise, and what it takes instead. */
function oldPart(rule: string): string | undefined {
  for (const [, matcher = "", inner = ""] of rule.matchAll(CALL)) {
    const values = [...inner.matchAll(VALUE)].map(([, ticked, quoted = ""]) => ticked ?? quoted);
    const renamed = RENAMED[matcher];
    if (renamed) return `${matcher}(…) is ${renamed}(…) there`;
    if (OF_ONE.includes(matcher) && values.length > 1) {
      const each = values.map((value) => `${matcher}(\`${value}\`)`).join(" || ");
      return `${matcher} takes one value there, so write ${each}, where a variable such as EXTRA_DOMAINS adds to it ") || ${matcher}(\`${values.at(-1)}\`"`;
    }
    const expressions = WITH_BRACES[matcher];
    const braced = expressions && values.find((value) => BRACES.test(value));
    if (braced)
      return `${matcher}(\`${braced}\`) takes the braces as they are and never matches, ${expressions} takes a regular expression without them`;
  }
  return undefined;
}
