import type {
  CheckResult,
  DeploymentResult,
  Failed,
  PhaseResult,
  RunResult,
  Status,
  VersionInfo,
} from "../lifecycle/result.ts";

/** How many checks ended how. */
export type Tally = Record<Status, number>;

/** Counts checks by status. */
export function tally(checks: readonly CheckResult[]): Tally {
  const counts: Tally = { passed: 0, failed: 0, skipped: 0, "not-run": 0 };
  for (const check of checks) counts[check.status] += 1;
  return counts;
}

/** Every check of the run, in the order of the phases. */
export function allChecks(result: RunResult): CheckResult[] {
  return result.phases.flatMap((phase) => phase.checks);
}

/** The checks that failed, in the order of the phases. */
export function failedChecks(result: RunResult): (CheckResult & Failed)[] {
  return allChecks(result).filter((check) => check.status === "failed");
}

/** `19 passed, 1 failed, 2 not run`: only what occurs, or `no checks`. */
export function describeTally(counts: Tally): string {
  const words = [
    [counts.passed, "passed"],
    [counts.failed, "failed"],
    [counts.skipped, "skipped"],
    [counts["not-run"], "not run"],
  ] as const;
  const present = words.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return present.join(", ") || "no checks";
}

/** The other recipes of a run, which the tested one needs. */
export function dependenciesOf({ deployments = [] }: RunResult): DeploymentResult[] {
  return deployments.filter(({ role }) => role === "dependency");
}

/** Whether a phase did nothing: skipped, or never reached. */
export function isIdle({ status }: PhaseResult): boolean {
  return status === "skipped" || status === "not-run";
}

/** How a version is called: its release tag, else the first 10 digits of its commit. */
export function versionName(version: VersionInfo): string {
  return version.version ?? version.commit.slice(0, 10);
}

/** How many times longer than its containers a phase took, e.g. `1.3`; undefined where that says nothing. */
export function overhead(durationMs: number, containerMs: number | undefined): string | undefined {
  return containerMs === undefined || containerMs <= 0 ? undefined : (durationMs / containerMs).toFixed(1);
}
