import type { EngineEvent } from "@pulumi/pulumi/automation/events.js";
import { plainText } from "../lib/plain-text.ts";
import { type OnStep, type RunningStep, startStep } from "../lib/step.ts";
import { type Doing, stepOf } from "./step-words.ts";

/** Operations of Pulumi that take time; `same`, `read` and the logical halves of a replacement don't. */
const DOING: Record<string, Doing> = {
  create: "making",
  update: "making",
  "create-replacement": "making",
  delete: "removing",
  "delete-replaced": "removing",
};

/** Types whose operations are Pulumi's bookkeeping. */
const BOOKKEEPING = /^(?:pulumi:|recipe-ci:)/;

/** Turns Pulumi's events about one operation into steps. Call `end` when the operation is over. */
export class EventSteps {
  private readonly onStep: OnStep;
  private readonly running = new Map<string, RunningStep>();

  constructor(onStep: OnStep) {
    this.onStep = onStep;
  }

  /** Takes one event; an arrow, so that it can be handed on. */
  readonly event = ({ resourcePreEvent, resOutputsEvent, resOpFailedEvent, diagnosticEvent }: EngineEvent): void => {
    if (resourcePreEvent) this.begin(resourcePreEvent.metadata);
    if (resOutputsEvent) this.finish(resOutputsEvent.metadata.urn, "done");
    if (resOpFailedEvent) this.finish(resOpFailedEvent.metadata.urn, "failed");
    if (diagnosticEvent?.urn && diagnosticEvent.severity !== "error") {
      const words = lastLine(diagnosticEvent.message);
      if (words) this.running.get(diagnosticEvent.urn)?.note(words);
    }
  };

  /** Ends what Pulumi has not ended, as it does when it is cancelled. */
  end(): void {
    for (const urn of [...this.running.keys()]) this.finish(urn, "failed");
  }

  private begin({ urn, op, type }: { urn: string; op: string; type: string }): void {
    const doing = DOING[op];
    if (!doing || BOOKKEEPING.test(type)) return;
    this.running.set(urn, startStep(stepOf(nameOf(urn), doing), this.onStep));
  }

  private finish(urn: string, how: "done" | "failed"): void {
    this.running.get(urn)?.[how]();
    this.running.delete(urn);
  }
}

/** The name of a resource: what follows the last `::` of its URN. */
export function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

/** Words of Pulumi without its colour directives, such as `<{%fg 1%}>`. */
export function words(message: string): string {
  return plainText(message.replace(/<\{%[^%]*%\}>/g, ""));
}

function lastLine(message: string): string | undefined {
  return words(message).trim().split("\n").at(-1)?.trim();
}
