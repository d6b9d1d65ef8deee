import { isDefinitionFile } from "../compose/env/app-env.ts";
import { type Duration, humanize, milliseconds } from "../lib/duration.ts";
import { describe, thrownWords, UserError, UserErrors, userErrors } from "../lib/errors.ts";
import { namedOwner, type Owner } from "../lib/owner.ts";
import type { Redactor } from "../masking/redactor.ts";
import type { Evidence } from "./check.ts";
import { CheckFailure } from "./check-failure.ts";

/** What came of one check that was run. */
export type CheckRecord = {
  name: string;
  title: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  durationMs: number;
} & Outcome;

/** A failure always has an owner. */
export type Outcome =
  | { status: "passed"; summary: string; evidence?: Record<string, unknown>; containerMs?: number; repeated?: string[] }
  | Failure;

export interface Failure {
  status: "failed";
  error: string;
  owner: Owner;
  evidence?: Record<string, unknown>;
  /** Where it was thrown, for a mistake in code: an author's or recipe-ci's own. */
  trace?: string;
}

/** What a record is about. */
export interface Subject {
  name: string;
  title: string;
  /** Default 120 s. */
  deadline?: Duration;
  /** Who is too slow when the deadline passes. Default `recipe`: checks wait for its app. */
  late?: Owner;
}

/** A check's assertion did not hold, which is on record; the message is redacted. */
export class RecordedFailure extends Error {
  override readonly name = "RecordedFailure";
}

export interface RecorderOptions {
  /** Called as soon as a check ended. Default: nobody is told. */
  onRecord?: (record: CheckRecord) => void;
  /**
   * What is wrong with the node, if anything, given what a failure says: asked before anybody else is charged.
   * Default: never anything.
   */
  trouble?: (said: string) => Promise<string | undefined>;
}

/** Runs checks and keeps what came of them, secrets taken out. */
export class CheckRecorder {
  readonly records: CheckRecord[] = [];
  readonly redactor: Redactor;
  private readonly onRecord: (record: CheckRecord) => void;
  private readonly trouble: (said: string) => Promise<string | undefined>;

  constructor(redactor: Redactor, options: RecorderOptions = {}) {
    this.redactor = redactor;
    this.onRecord = options.onRecord ?? (() => undefined);
    this.trouble = options.trouble ?? (async () => undefined);
  }

  /**
   * Runs an assertion within its deadline, and gives what it gave.
   * @throws RecordedFailure when it does not hold
   */
  async record<T extends Evidence>(
    subject: Subject,
    signal: AbortSignal,
    body: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const startedAt = Date.now();
    const start = performance.now();
    const ended = () => ({ startedAt, durationMs: performance.now() - start });
    try {
      const seen = await withDeadline(subject, signal, body);
      const { summary, details, containerMs, repeated } = seen;
      this.add(subject, { status: "passed", summary, evidence: details, containerMs, repeated, ...ended() });
      return seen;
    } catch (error) {
      const failure = await this.charged(failureOf(error), signal);
      this.add(subject, { ...failure, ...ended() });
      throw new RecordedFailure(this.redactor.text(failure.error));
    }
  }

  /**
   * Keeps a failure that no check of its own found.
   * @param startedAt when what failed began; default: now
   */
  async fail(subject: Subject, failure: Failure, signal: AbortSignal, startedAt = Date.now()): Promise<void> {
    const charged = await this.charged(failure, signal);
    this.add(subject, { ...charged, startedAt, durationMs: Date.now() - startedAt });
  }

  /** Nobody is charged with what a broken node does to them; and what is wrong with it comes first. */
  private async charged(failure: Failure, { aborted }: AbortSignal): Promise<Failure> {
    const trouble = aborted ? undefined : await this.ask(failure.error);
    if (trouble === undefined) return failure;
    const known = failure.error.startsWith(trouble);
    const error = known ? failure.error : `${trouble}\nwhat was seen of it: ${failure.error}`;
    return { status: "failed", owner: "infra", error, evidence: failure.evidence };
  }

  /** A node that can't even be asked is out of order; whatever else goes wrong there must not hide the failure. */
  private async ask(said: string): Promise<string | undefined> {
    try {
      return await this.trouble(said);
    } catch (error) {
      return namedOwner(error) === "infra" ? describe(error) : undefined;
    }
  }

  private add(subject: Subject, outcome: Outcome & { startedAt: number; durationMs: number }): void {
    const record: CheckRecord = this.redactor.deep({ name: subject.name, title: subject.title, ...outcome });
    this.records.push(record);
    this.onRecord(record);
  }
}

/**
 * What an error says of a check, and whose it is. One that names no owner is a mistake in recipe-ci's own code; what
 * fails once the run is cancelled says nothing of anybody.
 * @param signal aborted when the run is cancelled; default: it is not
 */
export function failureOf(error: unknown, signal?: AbortSignal): Failure {
  if (signal?.aborted) return failureOf(cancelled());
  if (error instanceof CheckFailure) {
    return { status: "failed", error: error.message, owner: error.owner, evidence: error.details };
  }
  const owner = namedOwner(error) ?? ownerOfFiles(error);
  if (owner) return { status: "failed", error: describe(error), owner, trace: traceOf(error, owner) };
  const said = `a defect of recipe-ci: ${thrownWords(error)}`;
  return { status: "failed", owner: "defect", error: said, trace: traceOf(error, "defect") };
}

/** Of mistakes in what the user wrote the file says whose they are; undefined for any other error. */
function ownerOfFiles(error: unknown): Owner | undefined {
  if (!(error instanceof UserError || error instanceof UserErrors)) return undefined;
  return userErrors(error).every(({ place }) => isDefinitionFile(place?.file)) ? "author" : "recipe";
}

/** Only mistakes in code are looked for in code. */
function traceOf(error: unknown, owner: Owner): string | undefined {
  if ((owner !== "author" && owner !== "defect") || error instanceof UserError || error instanceof UserErrors) {
    return undefined;
  }
  const thrown = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return thrown instanceof Error ? thrown.stack : undefined;
}

async function withDeadline<T>(
  subject: Subject,
  outer: AbortSignal,
  body: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (outer.aborted) throw cancelled();
  const limit = milliseconds(subject.deadline ?? "120 s");
  const timeout = AbortSignal.timeout(limit);
  const signal = AbortSignal.any([outer, timeout]);
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener(
      "abort",
      () => reject(new CheckFailure(`not done within ${humanize(limit)}`, { owner: subject.late })),
      { once: true },
    );
  });
  // A body that throws before it gives a promise must not leave `aborted` to reject with nobody listening.
  const done = new Promise<T>((resolve) => resolve(body(signal)));
  try {
    return await Promise.race([done, aborted]);
  } catch (error) {
    // However the body took the signal: what fails once the run is cancelled says nothing of the recipe.
    throw outer.aborted ? cancelled() : error;
  }
}

function cancelled(): CheckFailure {
  return new CheckFailure("cancelled", { owner: "infra" });
}
