import { RULES } from "./all-rules.ts";
import { type ContextOptions, type LintContext, readContext } from "./context.ts";
import { oneAnswer } from "./one-answer.ts";
import type { RuleInfo } from "./rule.ts";
import { computeStatus, type Status } from "./status.ts";
import { togetherByKind } from "./together.ts";
import { applyWaivers, type JudgedFinding, unusedWaiver, type Waiver } from "./waivers.ts";

export interface LintOptions extends ContextOptions {
  /** Findings that are accepted; `findRecipe` has made sure that each has a reason. Default none. */
  waivers?: readonly Waiver[];
}

/** What `recipe-ci lint --json` prints; described in docs/lint.md. */
export interface LintReport {
  schema: 1;
  recipe: string;
  /** Folder or URL the recipe was read from. */
  location: string;
  commit: string;
  /** Where findings about the repository as a whole can be shown: a file that is there. Left out for an empty commit. */
  repositoryFile?: string;
  /** By file, those of the repository as a whole first, then by line; several of one kind are one, at the first place. */
  findings: JudgedFinding[];
  /** Errors and warnings that are not waived, and how many are; several of one kind count once. */
  counts: { errors: number; warnings: number; waived: number };
  status: Omit<Status, "differences">;
  /** Every rule that was applied. */
  rules: RuleInfo[];
}

/**
 * Applies every rule to a recipe at a commit. What is wrong with the recipe is a finding, never an error.
 * @throws InfraError when there is no Docker CLI
 */
export async function lintRecipe(options: LintOptions): Promise<LintReport> {
  const context = await readContext(options);
  const rules = [...RULES.map(info), unusedWaiver];
  const judged = applyWaivers(await applyRules(context), options.waivers ?? [], rules);
  const findings = togetherByKind(judged.sort(inOrder));
  const open = findings.filter(({ waived }) => waived === undefined);
  const errors = open.filter(({ level }) => level === "error").length;
  const { differences: _, ...status } = computeStatus(context);
  return {
    schema: 1,
    recipe: options.recipe,
    location: options.repo.location,
    commit: options.commit,
    repositoryFile: repositoryFile(context.head.paths),
    findings,
    counts: { errors, warnings: open.length - errors, waived: findings.length - open.length },
    status,
    rules,
  };
}

/** Every rule looks at every combination; what it says of several is said once. */
async function applyRules(context: LintContext): Promise<JudgedFinding[]> {
  const found = new Map<string, JudgedFinding>();
  for (const head of context.combinations) {
    for (const rule of RULES) {
      for (const finding of await rule.check({ ...context, head })) {
        const { message, file, line, remedy = rule.remedy } = finding;
        const id = JSON.stringify([rule.id, file, line, message]);
        if (!found.has(id)) found.set(id, { rule: rule.id, level: rule.level, ...finding, remedy });
      }
    }
  }
  return oneAnswer([...found.values()], RULES);
}

function repositoryFile(paths: readonly string[]): string | undefined {
  return ["compose.yml", "README.md"].find((path) => paths.includes(path)) ?? paths[0];
}

function info({ id, level, title, why, remedy }: RuleInfo): RuleInfo {
  return { id, level, title, why, remedy };
}

function inOrder(left: JudgedFinding, right: JudgedFinding): number {
  const [a, b] = [left, right].map(({ file = "" }) => file) as [string, string];
  return a === b ? (left.line ?? 0) - (right.line ?? 0) || (left.rule < right.rule ? -1 : 1) : a < b ? -1 : 1;
}
