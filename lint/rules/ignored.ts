import { doubtWarning } from "../../compose/doubts.ts";
import { doubtfulSecrets } from "../../compose/objects/secrets.ts";
import type { LintContext } from "../context.ts";
import { doubtsIn } from "../doubts.ts";
import { filesAt } from "../places.ts";
import type { RecipeState } from "../recipe-state.ts";
import type { Finding, Rule } from "../rule.ts";

/** What other rules say in their own words, or is about the recipe's `ci.ts`. */
const TOLD = [
  /"tmpfs" is never mounted/,
  /: charset /,
  /: length=/,
  /variable \S+ is defined nowhere/,
  /^recipes\/[^/]+\/ci\.ts/,
  / is set in line \d+ as well/,
  /in its comment is nothing to abra/,
  /names no tls\.certresolver$/,
];

export const nothingIgnored: Rule = {
  id: "C041",
  level: "warning",
  title: "Loading the recipe gives no warning: nothing that it asks for is ignored",
  why: "docker/cli and Swarm drop keys such as privileged and restart without a word, and a node has no relative path.",
  remedy: "Take it out, or write it as a Swarm knows it.",
  check: async (context) => {
    const { head } = context;
    const files = filesAt(head.enabled, head.files);
    const told = (await doubtsIn(head)).map((one) => doubtWarning(one, files));
    const doubts = [...doubtsOfSecrets(head), ...told];
    return head.warnings
      .filter((warning) => !TOLD.some((words) => words.test(warning)) && !isOfAnOption(warning, context))
      .filter((warning) => !doubts.some((one) => warning.endsWith(one)))
      .map((warning) => placed(head, warning));
  },
};

/** What C017 says of the recipe's secrets. */
function doubtsOfSecrets({ services, merged, files, namespace }: RecipeState): string[] {
  const doubts = doubtfulSecrets(services, { compose: merged ?? {}, files, namespace });
  return doubts.map(({ place, message, remedy }) => ` ${place?.key}: ${message}: ${remedy}`);
}

/** A volume of compose.yml that only an overlay mounts. */
function isOfAnOption(warning: string, { combinations }: LintContext): boolean {
  const [, key] = /^volume (\S+): declared but mounted by no service$/.exec(warning) ?? [];
  if (key === undefined) return false;
  return combinations.some(
    ({ merged, warnings }) => merged?.volumes && key in merged.volumes && !warnings.includes(warning),
  );
}

/** A warning names a line, or an object and often a key of it. */
function placed(head: RecipeState, warning: string): Finding {
  const [, file = "", line, text = ""] = /^(\S+):(\d+):? (.+)$/s.exec(warning) ?? [];
  if (head.paths.includes(file)) return { message: text, file, line: Number(line) };
  const [, kind, name = "", about = ""] = /^(service|volume|network|secret|config) (\S+): (.*)$/s.exec(warning) ?? [];
  if (!kind || head.files.length === 0) return { message: warning };
  const key = /"([\w.-]+)"/.exec(about)?.[1] ?? (about.startsWith("bind mount") ? "volumes" : "");
  const common = warning.includes(" is ignored by ") ? { kind: "keys are ignored" } : {};
  return { message: warning, ...common, ...head.at(`${kind}s`, name, ...key.split(".").filter(Boolean)) };
}
