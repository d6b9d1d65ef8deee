import type { Change } from "../diff/change.ts";
import type { Owner } from "../lib/owner.ts";
import type { LintReport } from "../lint/lint.ts";
import type { NodeKindName } from "../nodes/node.ts";
import type { Role } from "../stacks/deployments.ts";

/**
 * `result.json`: what one run found, and all that `report/` needs to know. Every time is in milliseconds;
 * `startedAt` fields are ISO 8601 in UTC.
 */
export interface RunResult {
  /** Version of this format. A field is only ever added within a number. */
  schema: 2;
  /** Stack name: also the value of the run label on every object. */
  run: string;
  recipe: string;
  verdict: Verdict;
  /** One sentence for a person: why this verdict. */
  reason: string;
  startedAt: string;
  durationMs: number;
  source: { location: string; commit: string };
  /** What the run started from and moved to. `base` is undefined when the recipe has no older release. */
  base?: VersionInfo;
  head: VersionInfo;
  /** What the upgrade from base to head changes, as the recipe asks for it. Undefined without a base. */
  changes?: Change[];
  domain?: string;
  namespace: string;
  /** All recipes of the run: what it needs first, and itself last. Undefined where they could not be read. */
  deployments?: DeploymentResult[];
  node: NodeInfo;
  phases: PhaseResult[];
  /** Where this node cannot do what the recipe asks and what was done instead. */
  adaptations: Adaptation[];
  /** Images built locally under an upstream name because the real one could not be pulled. */
  standIns: StandIn[];
  /** What lint found in head; no part of the verdict. Undefined when it could not work: a warning says why. */
  lint?: LintResult;
  /** Warnings about the recipe that did not fail a check. */
  warnings: string[];
  ledger: LedgerResult;
  diagnostics: Diagnostic[];
}

/** pass; fail: the recipe; infra: machinery or network; flaky: passed on repetition; blocked: cannot be judged. */
export type Verdict = "pass" | "fail" | "infra" | "flaky" | "blocked";

/** One recipe at one version in a run. */
export interface DeploymentResult extends VersionInfo {
  role: Role;
  recipe: string;
  /** Folder or URL of its repository. */
  location: string;
  /** Release tag of what it was upgraded from; undefined where it was not, or that has none. */
  from?: string;
  domain: string;
  namespace: string;
}

export interface VersionInfo {
  /** Release tag, or undefined for an untagged head. */
  version?: string;
  commit: string;
  /** Images by service key, as the recipe writes them. */
  images: Record<string, string>;
}

export interface NodeInfo {
  kind: NodeKindName;
  /** Of its Docker Engine; undefined where it never answered. */
  engineVersion?: string;
  apiVersion?: string;
  /** Host name of the node that the run had, in a Swarm of several. */
  place?: string;
  capabilities: Record<string, boolean>;
}

export type PhaseName = "prepare" | "install" | "upgrade" | "backup" | "restore" | "move" | "custom" | "destroy";
export type Status = "passed" | "failed" | "skipped" | "not-run";

export interface PhaseResult {
  name: PhaseName;
  status: Status;
  /** Why the phase was skipped or not run. */
  reason?: string;
  /** Milliseconds after the run's start. */
  startMs: number;
  durationMs: number;
  /** What the containers themselves took in it: from task creation to healthy. Undefined where none started. */
  containerMs?: number;
  checks: CheckResult[];
}

export type CheckResult = CheckBasics & (Held | Failed | NotAsked);

interface CheckBasics {
  /** `<phase>.<subject>`, unique in a run, e.g. `install.converged`. */
  name: string;
  /** What is asserted, one sentence for a person. */
  title: string;
  startMs: number;
  durationMs: number;
  /** What was seen, in detail: never a secret. */
  evidence?: Record<string, unknown>;
}

interface Held {
  status: "passed";
  /** What was seen, one line. */
  summary?: string;
  /** Why it did not hold before, each time that was tried. Undefined: it held at once. */
  repeated?: string[];
}

/** A failure always has an owner. */
export interface Failed {
  status: "failed";
  /** Why, for a person; may have several lines. */
  error: string;
  /** Who must act on it. */
  owner: Owner;
}

/** It was left out, or something before it failed. */
export interface NotAsked {
  status: "skipped" | "not-run";
  /** Why, for a person. */
  reason?: string;
}

/** What of a lint report a run keeps: not the rules, which are the same for every recipe. */
export interface LintResult extends Pick<LintReport, "counts" | "findings"> {
  status: Omit<LintReport["status"], "inputs">;
}

export interface Adaptation {
  /** e.g. `cust-1a2b3c_ci_test_app`. */
  subject: string;
  /** e.g. `endpoint_mode vip -> dnsrr`. */
  change: string;
  reason: string;
}

export interface StandIn {
  image: string;
  /** What it was built from, e.g. `Debian bookworm nginx 1.22.1`. */
  builtFrom: string;
  /** Why the real one was not used: the registry's answer. */
  reason: string;
}

export interface LedgerEntry {
  kind: "service" | "task" | "container" | "network" | "volume" | "secret" | "config" | "folder" | "snapshot" | "node";
  id: string;
  name: string;
  /** Host name of the node it lies on; undefined for the Swarm's own, and on its manager. */
  node?: string;
}

export interface LedgerResult {
  /** Objects on the node before and after the run, counted by kind. */
  before: Partial<Record<LedgerEntry["kind"], number>>;
  after: Partial<Record<LedgerEntry["kind"], number>>;
  /** Everything the run made and teardown did not remove. Empty when all is well. */
  left: LedgerEntry[];
  /** What was there before and is not any more, though it did not belong to the run. */
  lost: LedgerEntry[];
  /** What could not be judged, and why; undefined where the run was alone on the node. */
  notJudged?: string[];
}

export interface Diagnostic {
  /** What it is, e.g. `logs of cust-1a2b3c_ci_test_app`. */
  title: string;
  /** Text file in the run's folder. */
  file: string;
  /** Its last lines. */
  tail: string;
}
