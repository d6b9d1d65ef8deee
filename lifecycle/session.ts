import type { EngineEvent } from "@pulumi/pulumi/automation/events.js";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import type { CheckRecorder } from "../checks/recorder.ts";
import type { RunNames } from "../compose/env/stack-name.ts";
import type { Change } from "../diff/change.ts";
import type { Engine } from "../engine/locate.ts";
import type { RecipeDefinition } from "../recipes/define-recipe.ts";
import type { Prepared } from "../stacks/prepare.ts";
import type { Located, Versions } from "../stacks/versions.ts";
import type { Swarm } from "../swarm/client.ts";
import type { Course } from "./course.ts";
import type { Snapshot } from "./ledger.ts";
import type { Neighbours } from "./neighbours.ts";
import type { PhaseLog, RunListener } from "./phase-log.ts";
import type { Diagnostic, NodeInfo } from "./result.ts";

/** What is asked of one run. */
export interface RunArgs {
  run: string;
  definition: RecipeDefinition;
  located: Located;
  dockerHost: string;
  nodeKind: NodeInfo["kind"];
  /** Name or id of the node of the Swarm that it is to have. Default: the one with most free memory. */
  placeOn?: string;
  /** host:port of the node's image mirror as its engine sees it. */
  mirror?: string;
  engine: Engine;
  baseDomain?: string;
  /** Keep the stack until then instead of tearing it down. */
  keepUntil?: Date;
  listener: RunListener;
  signal: AbortSignal;
}

/** One run under way: what was asked, and what its phases have found out so far. */
export interface Session {
  args: RunArgs;
  names: RunNames;
  swarm: Swarm;
  before: Snapshot;
  neighbours: Neighbours;
  log: PhaseLog;
  recorder: CheckRecorder;
  versions?: Versions;
  /** From base to head, where there is a base. */
  changes?: Change[];
  prepared?: Prepared;
  stack?: Stack;
  /** While an `up` goes on: where its checks belong. */
  course?: Course;
  diagnostics: Diagnostic[];
}

/** Hands on what went wrong; other events are many, and hold whole resources. */
export function keepEvent({ log, recorder }: Session, event: EngineEvent): void {
  const severity = event.diagnosticEvent?.severity;
  const told = severity === "error" || severity === "warning" || event.resOpFailedEvent !== undefined;
  if (told) log.engineEvent(recorder.redactor.deep(event));
}
