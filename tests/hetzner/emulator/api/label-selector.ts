import { invalidField } from "./api-error.ts";
import { isLabelKey, isLabelValue, type Labels } from "./labels.ts";

/** One condition of a selector; all must hold. */
type Condition = (labels: Labels) => boolean;

/**
 * Reads a label selector: `k=v`, `k==v`, `k!=v`, `k`, `!k`, `k in (a,b)`, `k notin (a,b)`, joined by commas.
 *
 * @throws ApiError 422 for one that can't be read
 */
export function parseSelector(text: string): Condition {
  const conditions = splitConditions(text).map(parseCondition);
  return (labels) => conditions.every((holds) => holds(labels));
}

/** At commas, but not at those between parentheses. */
function splitConditions(text: string): string[] {
  const parts = text.match(/(?:[^,(]|\([^)]*\))+/g) ?? [];
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

function parseCondition(text: string): Condition {
  const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(text);
  if (set) {
    const [, key = "", word, list = ""] = set;
    const values = list.split(",").map((value) => value.trim());
    check(text, key, values);
    // As in Kubernetes, where this language comes from: what lacks the key is not in any set.
    return word === "in"
      ? (labels) => labels[key] !== undefined && values.includes(labels[key])
      : (labels) => labels[key] === undefined || !values.includes(labels[key]);
  }
  const pair = /^([^=!\s]+)\s*(==|=|!=)\s*(\S*)$/.exec(text);
  if (pair) {
    const [, key = "", sign, value = ""] = pair;
    check(text, key, [value]);
    return sign === "!=" ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const absent = text.startsWith("!");
  const key = absent ? text.slice(1) : text;
  check(text, key, []);
  return (labels) => (labels[key] === undefined) === absent;
}

function check(text: string, key: string, values: readonly string[]): void {
  if (!isLabelKey(key) || !values.every(isLabelValue))
    throw invalidField("label_selector", `label selector is not valid: ${text}`);
}
