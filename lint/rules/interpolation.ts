import { isPair, isScalar, visit } from "yaml";
import { usesIn } from "../../compose/variables.ts";
import { type ComposeSource, lineAt } from "../places.ts";
import type { Finding, Rule } from "../rule.ts";

const DURATION =
  /(^|\.)(stop_grace_period|healthcheck\.(interval|timeout|start_period|start_interval)|(update_config|rollback_config|restart_policy)\.(delay|monitor|window))$/;
const NUMBER =
  /(^|\.)(ports(\.(published|target))?|healthcheck\.retries|deploy\.replicas|(update_config|rollback_config)\.(parallelism|max_failure_ratio)|restart_policy\.max_attempts|max_replicas_per_node)$/;

export const noVariableDurations: Rule = {
  id: "C010",
  level: "error",
  title: "No duration holds a variable",
  why: "abra also reads the files without putting variables in, and docker/cli then finds no duration there.",
  remedy: "Write the duration itself.",
  check: ({ head }) => head.files.flatMap((file) => variableFields(file, DURATION, "is a duration")),
};

export const noVariableNumbers: Rule = {
  id: "C011",
  level: "warning",
  title: "No number holds a variable",
  why: "abra also reads the files without putting variables in: abra app new fails where such a file is enabled.",
  remedy: "Write the number itself.",
  check: ({ head }) => head.files.flatMap((file) => variableFields(file, NUMBER, "is a number")),
};

export const noNestedDefaults: Rule = {
  id: "C012",
  level: "error",
  title: "No default holds another variable",
  why: `docker/cli ends a default at the first }: \${A:-\${B}} never reads B, and leaves text behind.`,
  remedy: "Use one variable, and set it from the other in .env.sample.",
  check: ({ head }) =>
    head.files.flatMap((file) =>
      stringsOf(file)
        .filter(({ text }) => /\$\{\w+:?[-?][^}]*\$[{\w]/.test(text.replaceAll("$$", "")))
        .map(({ text, line }) => ({
          message: `nested default in ${text.trim().slice(0, 120)}`,
          file: file.path,
          line,
        })),
    ),
};

interface WrittenString {
  /** Keys that lead to it, joined by dots; places in lists are left out. */
  path: string;
  text: string;
  line: number;
}

function variableFields(file: ComposeSource, field: RegExp, what: string): Finding[] {
  return stringsOf(file)
    .filter(({ path, text }) => field.test(path) && usesIn(text).length > 0)
    .map(({ path, text, line }) => ({ message: `${path} ${what}, but reads ${text}`, file: file.path, line }));
}

function stringsOf(file: ComposeSource): WrittenString[] {
  const found: WrittenString[] = [];
  visit(file.document, {
    Scalar: (position, node, ancestors) => {
      if (position === "key" || typeof node.value !== "string") return;
      const keys = ancestors.flatMap((one) => (isPair(one) && isScalar(one.key) ? [String(one.key.value)] : []));
      found.push({ path: keys.join("."), text: node.value, line: lineAt(file.text, node.range?.[0] ?? 0) });
    },
  });
  return found;
}
