import type { EngineEvent } from "@pulumi/pulumi/automation/events.js";
import type { CheckRecord } from "../checks/recorder.ts";
import type { StandIn } from "../images/stand-in-label.ts";
import type { StepProgress } from "../lib/step.ts";
import type { CheckResult, NotAsked, PhaseName, PhaseResult } from "./result.ts";

/** Who is told while a run goes on. */
export interface RunListener {
  phaseStarted(phase: PhaseName): void;
  checkEnded(check: CheckResult): void;
  phaseEnded(phase: PhaseResult): void;
  /** Images of the run that are not what their names say, as soon as that is known; never none. */
  standsIn(standIns: readonly StandIn[]): void;
  /** Something takes long: a line for a person. */
  progress(line: string): void;
  /** Something takes long, and how far it is. */
  step(progress: StepProgress): void;
  /** Events of Pulumi that say what went wrong, secrets taken out, for the run's folder. */
  engineEvent(event: EngineEvent): void;
}

/** Who puts a check that has ended where it belongs. */
export interface CheckTaker {
  addCheck(record: CheckRecord): void;
}

/** Why a planned check was not run, where nothing else is known. */
const UNASKED = "something before it failed";

/** What happened in which phase, as it happens. */
export class PhaseLog {
  readonly phases: PhaseResult[] = [];
  private readonly listener: RunListener;
  private readonly origin = performance.now();
  private readonly epoch = Date.now();
  /** Phases that go on: one, or more while one goes on alongside another, or the last look at one beside the next. */
  private readonly open: PhaseResult[] = [];
  private taker: CheckTaker = this;

  constructor(listener: RunListener) {
    this.listener = listener;
  }

  /** Milliseconds since the run began. */
  elapsed(): number {
    return performance.now() - this.origin;
  }

  get failed(): boolean {
    return this.phases.some((phase) => phase.status === "failed");
  }

  /** The first failed phase; later ones make no sense. */
  brokenBy(): PhaseName | undefined {
    return this.phases.find((phase) => phase.status === "failed")?.name;
  }

  start(name: PhaseName): void {
    const phase: PhaseResult = { name, status: "passed", startMs: this.elapsed(), durationMs: 0, checks: [] };
    this.phases.push(phase);
    this.open.push(phase);
    this.listener.phaseStarted(name);
  }

  /** Takes a check that has ended, or leaves it to who goes through phases meanwhile. */
  take(record: CheckRecord): void {
    this.taker.addCheck(record);
  }

  /** Does `work`, while another takes the checks that end. */
  async leaveChecksTo<T>(taker: CheckTaker, work: () => Promise<T>): Promise<T> {
    this.taker = taker;
    try {
      return await work();
    } finally {
      this.taker = this;
    }
  }

  /** Adds a check to its phase, which may be over; where there is none, to the last one, which then is as good as it. */
  addCheck(record: CheckRecord): void {
    const isOf = ({ name }: PhaseResult) => record.name.startsWith(`${name}.`);
    const over = this.open.length === 0 ? this.phases.findLast(isOf) : undefined;
    const phase = over ?? this.goingOn(record.name) ?? this.phases.at(-1);
    const check = resultOf(record, record.startedAt - this.epoch);
    const containerMs = record.status === "passed" ? record.containerMs : undefined;
    phase?.checks.push(check);
    if (phase && !this.open.includes(phase) && check.status === "failed") phase.status = "failed";
    if (phase && containerMs !== undefined) phase.containerMs = Math.max(phase.containerMs ?? 0, containerMs);
    this.listener.checkEnded(check);
  }

  /** Notes a planned check that was not run, because one before it failed. */
  missing(name: string, title: string): void {
    const asked = this.goingOn(name)?.checks.some((check) => check.name === name) ?? true;
    if (!asked) this.unasked({ name, title, status: "not-run", reason: UNASKED });
  }

  /** Notes a check that makes no sense for this recipe. */
  leaveOut(name: string, title: string, reason: string): void {
    this.unasked({ name, title, status: "skipped", reason });
  }

  /** @param name default: the phase that began last */
  end(name = this.open.at(-1)?.name): void {
    const phase = this.open.find((one) => one.name === name);
    if (!phase) return;
    this.open.splice(this.open.indexOf(phase), 1);
    phase.durationMs = this.elapsed() - phase.startMs;
    const held = phase.checks.every(({ status }) => status === "passed" || status === "skipped");
    phase.status = held ? "passed" : "failed";
    this.listener.phaseEnded(phase);
  }

  skip(name: PhaseName, reason: string): void {
    this.note(name, "skipped", reason);
  }

  notRun(name: PhaseName, reason: string): void {
    this.note(name, "not-run", reason);
  }

  progress(line: string): void {
    this.listener.progress(line);
  }

  standIns(all: readonly StandIn[]): void {
    if (all.length > 0) this.listener.standsIn(all);
  }

  step(progress: StepProgress): void {
    this.listener.step(progress);
  }

  engineEvent(event: EngineEvent): void {
    this.listener.engineEvent(event);
  }

  private goingOn(check: string): PhaseResult | undefined {
    return this.open.find(({ name }) => check.startsWith(`${name}.`)) ?? this.open.at(-1);
  }

  private unasked(about: Pick<CheckResult, "name" | "title"> & NotAsked): void {
    const check: CheckResult = { ...about, startMs: this.elapsed(), durationMs: 0 };
    this.goingOn(about.name)?.checks.push(check);
    this.listener.checkEnded(check);
  }

  private note(name: PhaseName, status: "skipped" | "not-run", reason: string): void {
    const phase: PhaseResult = { name, status, reason, startMs: this.elapsed(), durationMs: 0, checks: [] };
    this.phases.push(phase);
    this.listener.phaseEnded(phase);
  }
}

/** A stack trace is kept in a file of its own, see `traces.ts`. */
function resultOf(record: CheckRecord, startMs: number): CheckResult {
  const { name, title, durationMs, evidence } = record;
  const common = { name, title, startMs, durationMs, evidence };
  const { repeated } = record.status === "passed" ? record : {};
  if (record.status === "passed")
    return { ...common, status: "passed", summary: record.summary, ...(repeated && { repeated }) };
  return { ...common, status: "failed", error: record.error, owner: record.owner };
}
