import { type Document, isPair, isScalar, isSeq, type LineCounter, visit } from "yaml";

/** A variable that a string in a compose file takes from the app's env. */
export interface VariableUse {
  name: string;
  line: number;
  /** The keys that lead to the string: `services.app.ports.0`. Undefined for a string out of a file. */
  key?: string;
  /** It says itself what holds when the variable is missing: `:-`, `-`. */
  hasDefault: boolean;
  /** `${X:?why}` or `${X?why}`: must be there. */
  required?: string;
  /** `${X:?why}`: nor may it be empty. */
  notEmpty?: true;
}

/** docker/cli's own pattern (cli/compose/template): escape, `$NAME` or `${NAME…}` up to the first `}`. */
const PATTERN = /\$(?:(\$)|([_a-z][_a-z0-9]*)|\{([_a-z][_a-z0-9]*)(?:(:?[-?])([^}]*))?\})/gi;

/** Every use of a variable in the values (not the keys) of a compose file; docker/cli expands nothing else. */
export function variableUses(document: Document, lines: LineCounter): VariableUse[] {
  const uses: VariableUse[] = [];
  visit(document, {
    Scalar: (key, node, path) => {
      const parent = path.at(-1);
      if ((key === "key" && isPair(parent)) || !isScalar(node) || typeof node.value !== "string") return;
      const start = node.range ? lines.linePos(node.range[0]).line : 1;
      const found = usesIn(node.value, node.type?.startsWith("BLOCK") ? start + 1 : start);
      if (found.length > 0) uses.push(...withKey(found, keyOf([...path, node])));
    },
  });
  return uses;
}

function withKey(uses: readonly VariableUse[], key: string): VariableUse[] {
  return uses.map((use) => ({ ...use, key }));
}

/** The keys and places in lists on the way to a node, as docker/cli writes them. */
function keyOf(path: readonly unknown[]): string {
  const steps = path.flatMap((node, index) => {
    if (isPair(node)) return [isScalar(node.key) ? String(node.key.value) : ""];
    return isSeq(node) ? [String(node.items.indexOf(path[index + 1]))] : [];
  });
  return steps.join(".");
}

/** Uses in one string that begins at `line`. */
export function usesIn(text: string, line = 1): VariableUse[] {
  const uses: VariableUse[] = [];
  let current = line;
  let counted = 0;
  for (const match of text.matchAll(PATTERN)) {
    const [, escaped, plain, braced, operator, rest] = match;
    const name = plain ?? braced;
    if (escaped || name === undefined) continue;
    current += text.slice(counted, match.index).split("\n").length - 1;
    counted = match.index;
    uses.push({
      name,
      line: current,
      hasDefault: operator?.endsWith("-") ?? false,
      ...(operator?.endsWith("?") ? { required: rest || "is required" } : {}),
      ...(operator === ":?" ? { notEmpty: true } : {}),
    });
  }
  return uses;
}

/** A text with its variables put in, as docker/cli does it; what is missing is empty. */
export function interpolate(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(PATTERN, (match, escaped, plain, braced, operator, rest = "") => {
    if (escaped) return "$";
    const name = plain ?? braced;
    if (name === undefined) return match;
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    if (operator === ":-") return value || rest;
    return value ?? (operator === "-" ? rest : "");
  });
}
