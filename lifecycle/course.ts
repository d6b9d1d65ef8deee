import type { CheckRecord } from "../checks/recorder.ts";
import type { PlannedPhase } from "../stacks/plan/planned.ts";
import type { PhaseLog } from "./phase-log.ts";

/** A phase under way, and its checks that have not held yet. */
interface Leg {
  phase: PlannedPhase;
  due: Set<string>;
}

/**
 * Follows one `up` through the phases of its stride by the checks that end. The next phase begins once all checks
 * held that it waits for, and a phase is over once all of its own did.
 */
export class Course {
  private readonly log: PhaseLog;
  private readonly rest: PlannedPhase[];
  private readonly startedAt = Date.now();
  private readonly deployed: () => string;
  private readonly legs: Leg[] = [];
  private stands = false;

  /** @param deployed what Pulumi has made of the app so far, in words */
  constructor(log: PhaseLog, phases: readonly PlannedPhase[], deployed: () => string) {
    this.log = log;
    this.rest = [...phases];
    this.deployed = deployed;
    this.advance();
  }

  /** Takes a check that has ended. */
  addCheck(record: CheckRecord): void {
    const leg = this.legs.find(({ due }) => due.has(record.name));
    const planned = leg?.phase.checks.find(({ name }) => name === record.name);
    // Checks stand on all that is deployed, so the first of them to run shows that it is.
    if (planned && !planned.early && !planned.gate && !this.stands) this.noteDeployed(record.startedAt);
    this.log.addCheck(record);
    if (!leg || record.status === "failed") return;
    leg.due.delete(record.name);
    // The last one goes on until the `up` ends, and so takes what goes wrong until then.
    const noneIsLeft = this.rest.every(({ skip }) => skip);
    const isLast = noneIsLeft && leg === this.legs.at(-1);
    const letsGo = this.legs.every(({ phase, due }) =>
      phase.checks.every(({ name, beside }) => beside || !due.has(name)),
    );
    if (leg.due.size === 0 && !isLast) this.leave(leg);
    if (letsGo && !noneIsLeft) this.advance();
  }

  /** The name under which a failure of the deployment itself is told, of the phase that goes on. */
  get failureName(): string {
    return `${this.legs.at(-1)?.phase.name}.${this.stands ? "machinery" : "deployed"}`;
  }

  /** The `up` is over: says which checks were never run, and which phases never reached. */
  end(cancelled: boolean): void {
    for (const leg of [...this.legs]) {
      for (const check of leg.phase.checks) this.log.missing(check.name, check.title);
      this.leave(leg);
    }
    passOver(this.log, this.rest, cancelled);
  }

  private leave(leg: Leg): void {
    this.legs.splice(this.legs.indexOf(leg), 1);
    for (const { name, title, reason } of leg.phase.leftOut ?? []) this.log.leaveOut(name, title, reason);
    this.log.end(leg.phase.name);
  }

  /** Begins the next phase, and what goes on alongside it. */
  private advance(): void {
    let begun = false;
    for (let next = this.rest[0]; next && !(begun && !next.alongside); next = this.rest[0]) {
      this.rest.shift();
      if (next.skip) {
        this.log.skip(next.name, next.skip);
        continue;
      }
      this.legs.push({ phase: next, due: new Set(next.checks.map(({ name }) => name)) });
      this.log.start(next.name);
      begun = true;
    }
  }

  private noteDeployed(at: number): void {
    this.stands = true;
    this.log.addCheck({
      name: `${this.legs.at(-1)?.phase.name}.deployed`,
      title: DEPLOYED,
      status: "passed",
      startedAt: this.startedAt,
      durationMs: at - this.startedAt,
      summary: this.deployed(),
    });
  }
}

/** Says of phases that are not gone through why: cancelled, something broke before, or left out by the plan. */
export function passOver(log: PhaseLog, phases: readonly PlannedPhase[], cancelled: boolean): void {
  const broken = log.brokenBy();
  for (const { name, skip } of phases) {
    if (cancelled) log.notRun(name, "the run was cancelled");
    else if (broken) log.notRun(name, `${broken} failed`);
    else if (skip) log.skip(name, skip);
  }
}

/** What the deployment of a stride's version asserts. */
export const DEPLOYED = "The node takes what the recipe asks for";
