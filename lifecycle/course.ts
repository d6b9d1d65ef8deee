import type { CheckRecord } from "../checks/recorder.ts";
import type { PlannedPhase } from "../stacks/planned.ts";
import type { PhaseLog } from "./phase-log.ts";

/**
 * Follows one `up` through the phases of its stride by the checks that end: a phase is over when its last check held,
 * and the next has begun by then.
 */
export class Course {
  private readonly log: PhaseLog;
  private readonly rest: PlannedPhase[];
  private readonly startedAt = Date.now();
  private readonly deployed: () => string;
  private current: PlannedPhase | undefined;
  private due = new Set<string>();
  private stands = false;

  /** @param deployed what the engine has made of the app so far, in words */
  constructor(log: PhaseLog, phases: readonly PlannedPhase[], deployed: () => string) {
    this.log = log;
    this.rest = [...phases];
    this.deployed = deployed;
    this.advance();
  }

  /** Takes a check that has ended. */
  addCheck(record: CheckRecord): void {
    const planned = this.current?.checks.find(({ name }) => name === record.name);
    // Checks stand on all that is deployed, so the first of them to run shows that it is.
    if (planned && !planned.early && !this.stands) this.noteDeployed(record.startedAt);
    this.log.addCheck(record);
    if (record.status === "failed" || !this.due.delete(record.name) || this.due.size > 0) return;
    if (this.rest.some(({ skip }) => !skip)) this.advance();
  }

  /** The name under which a failure of the deployment itself is told, of the phase that goes on. */
  get failureName(): string {
    return `${this.current?.name}.${this.stands ? "machinery" : "deployed"}`;
  }

  /** The `up` is over: says which checks were never run, and which phases never reached. */
  end(cancelled: boolean): void {
    for (const check of this.current?.checks ?? []) this.log.missing(check.name, check.title);
    this.leave();
    const broken = this.log.brokenBy();
    for (const { name, skip } of this.rest) {
      if (cancelled) this.log.notRun(name, "the run was cancelled");
      else if (broken) this.log.notRun(name, `${broken} failed`);
      else if (skip) this.log.skip(name, skip);
    }
  }

  private leave(): void {
    for (const { name, title, reason } of this.current?.leftOut ?? []) this.log.leaveOut(name, title, reason);
    this.log.end();
  }

  private advance(): void {
    this.leave();
    for (let next = this.rest.shift(); next; next = this.rest.shift()) {
      if (next.skip) {
        this.log.skip(next.name, next.skip);
        continue;
      }
      this.current = next;
      this.due = new Set(next.checks.map(({ name }) => name));
      this.log.start(next.name);
      return;
    }
  }

  private noteDeployed(at: number): void {
    this.stands = true;
    this.log.addCheck({
      name: `${this.current?.name}.deployed`,
      title: DEPLOYED,
      status: "passed",
      startedAt: this.startedAt,
      durationMs: at - this.startedAt,
      summary: this.deployed(),
    });
  }
}

/** What the deployment of a stride's version asserts. */
export const DEPLOYED = "The node takes what the recipe asks for";
