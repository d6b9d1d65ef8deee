import type { Owner } from "../lib/owner.ts";
import type { CheckResult, Failed, LedgerResult, PhaseResult, Verdict } from "./result.ts";

/** What a run came to, and why in one sentence. */
export interface Judgement {
  verdict: Verdict;
  reason: string;
}

/**
 * Judges a finished run. Survivors and machinery failures outweigh a failed recipe only where they make the
 * recipe's own result doubtful: a check that failed by the recipe's fault stays `fail`. A broken base says nothing
 * about head, nor does a broken check, or another recipe that this one needs.
 */
export function judge(phases: PhaseResult[], ledger: LedgerResult, cancelled: boolean): Judgement {
  const failed = phases.flatMap((phase) => phase.checks.filter((check) => check.status === "failed"));
  const of = (...owners: Owner[]) => failed.filter(({ owner }) => owners.includes(owner));
  if (of("recipe").length > 0) return { verdict: "fail", reason: sentence(of("recipe")) };
  if (cancelled) return { verdict: "blocked", reason: "the run was cancelled" };
  const blocking = of("base", "author", "dependency");
  if (blocking.length > 0) return { verdict: "blocked", reason: sentence(blocking) };
  if (failed.length > 0) return { verdict: "infra", reason: sentence(failed) };
  if (ledger.left.length > 0) return { verdict: "infra", reason: `${ledger.left.length} objects survived teardown` };
  const checks = phases.flatMap((phase) => phase.checks);
  const silent = checks.find(({ status }) => status !== "passed" && status !== "skipped");
  if (silent) return { verdict: "infra", reason: `${silent.name} was not run, though nothing failed` };
  const unfinished = phases.find((phase) => phase.status === "not-run");
  if (unfinished) return { verdict: "blocked", reason: `${unfinished.name} was not run: ${unfinished.reason}` };
  const skipped = phases.filter((phase) => phase.status === "skipped").map((phase) => phase.name);
  const count = checks.filter(({ status }) => status === "passed").length;
  const unproven = checks.filter(({ status }) => status === "skipped").map(({ name }) => name);
  if (count === 0) return { verdict: "blocked", reason: "nothing was checked" };
  const note = skipped.length ? `; does not apply: ${skipped.join(", ")}` : "";
  const gap = unproven.length ? `; not proven: ${unproven.join(", ")}` : "";
  const again = checks.find((check) => check.status === "passed" && check.repeated);
  if (again?.status === "passed")
    return {
      verdict: "flaky",
      reason: `${again.name} held on repetition only: ${again.repeated?.[0]?.split("\n")[0]}`,
    };
  return { verdict: "pass", reason: `all ${count} checks held${note}${gap}` };
}

/** 0 pass, 1 the recipe failed, 3 infra or blocked, 4 something survived teardown. */
export function exitCode({ verdict }: Judgement, ledger: LedgerResult): number {
  if (ledger.left.length > 0) return 4;
  if (verdict === "pass" || verdict === "flaky") return 0;
  return verdict === "fail" ? 1 : 3;
}

function sentence([first, ...others]: (CheckResult & Failed)[]): string {
  const more = others.length > 0 ? ` (and ${others.length} more)` : "";
  return `${first?.name}: ${first?.error.split("\n")[0]}${more}`;
}
