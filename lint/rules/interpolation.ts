import { visit } from "yaml";
import { asRecord } from "../../compose/files/compose-file.ts";
import { usesIn } from "../../compose/files/variables.ts";
import { type ComposeSource, lineAt, locate, servicesOf } from "../places.ts";
import type { Finding, Rule } from "../rule.ts";

/** Fields of a service; `*` is any item of a list. */
const DURATIONS = [
  "stop_grace_period",
  "healthcheck.interval",
  "healthcheck.timeout",
  "healthcheck.start_period",
  "healthcheck.start_interval",
  "deploy.update_config.delay",
  "deploy.update_config.monitor",
  "deploy.rollback_config.delay",
  "deploy.rollback_config.monitor",
  "deploy.restart_policy.delay",
  "deploy.restart_policy.window",
];
const NUMBERS = [
  "ports.*",
  "ports.*.published",
  "ports.*.target",
  "healthcheck.retries",
  "deploy.replicas",
  "deploy.update_config.parallelism",
  "deploy.update_config.max_failure_ratio",
  "deploy.rollback_config.parallelism",
  "deploy.rollback_config.max_failure_ratio",
  "deploy.restart_policy.max_attempts",
  "deploy.placement.max_replicas_per_node",
];

export const noVariableDurations: Rule = {
  id: "C010",
  level: "error",
  title: "No duration holds a variable",
  why: "abra also reads the files without putting variables in, and docker/cli then finds no duration there.",
  remedy: "Write the duration itself.",
  claims: /without variables put in/,
  check: ({ head }) => head.files.flatMap((file) => variableFields(file, DURATIONS, "is a duration")),
};

export const noVariableNumbers: Rule = {
  id: "C011",
  level: "warning",
  title: "No number holds a variable",
  why: "abra also reads the files without putting variables in: abra app new fails where such a file is enabled.",
  remedy: "Write the number itself.",
  claims: /without variables put in/,
  check: ({ head }) => head.files.flatMap((file) => variableFields(file, NUMBERS, "is a number")),
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
          kind: "defaults hold a variable",
          file: file.path,
          line,
        })),
    ),
};

export const noVariableKeys: Rule = {
  id: "C029",
  level: "error",
  title: "No key of a mapping holds a variable",
  why: "docker/cli puts variables into values only: of a label written as a mapping the name stays as it is.",
  remedy: 'Write the labels as a list: - "key=value".',
  check: ({ head }) =>
    head.files.flatMap((file) =>
      keysOf(file)
        .filter(({ text }) => usesIn(text).length > 0)
        .map(({ text, line }) => ({
          message: `variable in the key ${text.slice(0, 120)}`,
          kind: "keys hold a variable",
          file: file.path,
          line,
        })),
    ),
};

/** The fields of the services, whether written there, by an alias or merged in; the line is the one they are written on. */
function variableFields(file: ComposeSource, fields: readonly string[], what: string): Finding[] {
  return servicesOf(file).flatMap(([service, definition]) =>
    fields.flatMap((field) =>
      valuesAt(definition, field.split("."))
        .filter(({ value }) => typeof value === "string" && usesIn(value).length > 0)
        .map(({ path, value }) => ({
          message: `services.${service}.${field.replace(".*", "")} ${what}, but reads ${value}`,
          kind: `values hold a variable, where docker/cli wants ${what.replace("is ", "")}`,
          ...locate([file], ["services", service, ...path]),
        })),
    ),
  );
}

function valuesAt(value: unknown, [step, ...rest]: readonly string[]): { path: string[]; value: unknown }[] {
  if (step === undefined) return [{ path: [], value }];
  const items: [string, unknown][] =
    step === "*" ? Object.entries(Array.isArray(value) ? value : []) : [[step, asRecord(value)[step]]];
  return items.flatMap(([key, item]) =>
    valuesAt(item, rest).map((found) => ({ ...found, path: [key, ...found.path] })),
  );
}

function stringsOf(file: ComposeSource): { text: string; line: number }[] {
  return textsOf(file, (position) => position !== "key");
}

function keysOf(file: ComposeSource): { text: string; line: number }[] {
  return textsOf(file, (position) => position === "key");
}

function textsOf(file: ComposeSource, isMeant: (position: unknown) => boolean): { text: string; line: number }[] {
  const found: { text: string; line: number }[] = [];
  visit(file.document, {
    Scalar: (position, { value, range }) => {
      if (!isMeant(position) || typeof value !== "string") return;
      found.push({ text: value, line: lineAt(file.text, range?.[0] ?? 0) });
    },
  });
  return found;
}
