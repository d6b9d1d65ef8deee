import type { Labels } from "../app-spec.ts";

/** A blank around the name of a label, or a colon behind it: docker takes either for a part of the name. */
const SLIP = /^\s|\s$|:(?:\s|$)/;

/**
 * Labels of a prefix whose name is not what was meant, one sentence each: `traefik.enable = true` in a list of labels
 * is a label of the name `traefik.enable `, and `traefik.enable: true` one without a value.
 *
 * @param key of the service that bears them
 */
export function slippedLabels(key: string, labels: Labels, prefix: string): string[] {
  return Object.keys(labels)
    .filter((label) => label.trimStart().toLowerCase().startsWith(prefix) && SLIP.test(label))
    .map((label) => {
      const meant = label.trim().replace(/\s*:.*$/s, "");
      const why = label.includes(":") ? "in a list a value comes after =" : "docker keeps blanks around =";
      return `label "${label}" of ${key} is another than ${meant}: ${why}`;
    });
}
