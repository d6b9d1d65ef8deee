import { type Duration, humanize, milliseconds } from "../lib/duration.ts";
import { InfraError } from "../lib/errors.ts";
import { isTransport } from "../swarm/client.ts";
import { type Blame, CheckFailure, type Evidence } from "./check.ts";
import type { Redactor } from "./redactor.ts";

/** What came of one check that was run. */
export interface CheckRecord {
  name: string;
  title: string;
  status: "passed" | "failed";
  /** Milliseconds since the epoch. */
  startedAt: number;
  durationMs: number;
  summary?: string;
  evidence?: Record<string, unknown>;
  error?: string;
  blame?: Blame;
  containerMs?: number;
}

/** What a record is about. */
export interface Subject {
  name: string;
  title: string;
  /** Default 120 s. */
  deadline?: Duration;
}

/** Runs checks and keeps what came of them, secrets taken out. */
export class CheckRecorder {
  readonly records: CheckRecord[] = [];
  readonly redactor: Redactor;
  private readonly onRecord: (record: CheckRecord) => void;

  /** @param onRecord called as soon as a check ended */
  constructor(redactor: Redactor, onRecord: (record: CheckRecord) => void = () => undefined) {
    this.redactor = redactor;
    this.onRecord = onRecord;
  }

  /** Runs an assertion within its deadline; throws its error, redacted, when it does not hold. */
  async record(subject: Subject, signal: AbortSignal, body: (signal: AbortSignal) => Promise<Evidence>): Promise<void> {
    const startedAt = Date.now();
    const start = performance.now();
    const ended = () => ({ startedAt, durationMs: performance.now() - start });
    try {
      const { summary, details, containerMs } = await withDeadline(subject, signal, body);
      this.add(subject, { status: "passed", summary, evidence: details, containerMs, ...ended() });
    } catch (error) {
      const failure = error instanceof CheckFailure ? error : undefined;
      const message = error instanceof Error ? error.message : String(error);
      const blame = failure?.blame ?? (error instanceof InfraError || isTransport(error) ? "infra" : "recipe");
      this.add(subject, { status: "failed", error: message, evidence: failure?.details, blame, ...ended() });
      throw new Error(this.redactor.text(message));
    }
  }

  /** Keeps what was found out elsewhere. */
  add(subject: Subject, outcome: Omit<CheckRecord, "name" | "title">): void {
    const record = this.redactor.deep({ name: subject.name, title: subject.title, ...outcome });
    this.records.push(record);
    this.onRecord(record);
  }
}

async function withDeadline(
  subject: Subject,
  outer: AbortSignal,
  body: (signal: AbortSignal) => Promise<Evidence>,
): Promise<Evidence> {
  if (outer.aborted) throw cancelled();
  const limit = milliseconds(subject.deadline ?? "120 s");
  const timeout = AbortSignal.timeout(limit);
  const signal = AbortSignal.any([outer, timeout]);
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = () => reject(new CheckFailure(`not done within ${humanize(limit)}`));
    signal.addEventListener("abort", onAbort, { once: true });
  });
  // A body that throws before it gives a promise must not leave `aborted` to reject with nobody listening.
  const done = new Promise<Evidence>((resolve) => resolve(body(signal)));
  try {
    return await Promise.race([done, aborted]);
  } catch (error) {
    // However the body took the signal: what fails once the run is cancelled says nothing of the recipe.
    throw outer.aborted ? cancelled() : error;
  }
}

function cancelled(): CheckFailure {
  return new CheckFailure("cancelled", { blame: "infra" });
}
