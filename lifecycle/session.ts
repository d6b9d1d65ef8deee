import type { EngineEvent } from "@pulumi/pulumi/automation/events.js";
import type { FileKeeper } from "../checks/browser/browser-host.ts";
import type { CheckRecorder } from "../checks/recorder.ts";
import { namesElsewhere, type RunNames } from "../compose/env/stack-name.ts";
import type { Pulumi } from "../pulumi/locate.ts";
import type { LocatedRecipes } from "../stacks/deployments.ts";
import type { Swarm } from "../swarm/client.ts";
import type { EndWatch } from "./end-watch.ts";
import type { Snapshot } from "./ledger.ts";
import type { Neighbours } from "./neighbours.ts";
import type { PhaseLog, RunListener } from "./phase-log.ts";
import type { NodeInfo } from "./result.ts";

/** What is asked of one run. */
export interface RunArgs extends LocatedRecipes {
  run: string;
  dockerHost: string;
  nodeKind: NodeInfo["kind"];
  /** Name or id of the node of the Swarm that it is to have. Default: the one with most free memory. */
  placeOn?: string;
  /** host:port of the node's image mirror as its engine sees it. */
  mirror?: string;
  pulumi: Pulumi;
  /** Keep the stack until then instead of tearing it down. */
  keepUntil?: Date;
  listener: RunListener;
  signal: AbortSignal;
}

/** One run under way: what was asked, and what all of its stages use. What a stage finds out, it gives back. */
export interface Session {
  readonly args: RunArgs;
  /** Of the recipe under test. */
  readonly names: RunNames;
  readonly swarm: Swarm;
  readonly before: Snapshot;
  readonly neighbours: Neighbours;
  readonly log: PhaseLog;
  readonly recorder: CheckRecorder;
  /** What ends as the teardown begins. */
  readonly ends: EndWatch;
  /** What checks that failed leave to be looked at. */
  readonly keeper: FileKeeper;
}

/** Every namespace of a run: of the recipe under test, of its second app, and of what it needs. */
export function namespacesOf({ definition, dependencies, namesOf }: LocatedRecipes): string[] {
  const own = namesOf(definition.name);
  const others = dependencies.map((one) => namesOf(one.definition.name).namespace);
  return [own.namespace, namesElsewhere(own).namespace, ...others];
}

/** Hands on what went wrong; other events are many, and hold whole resources. */
export function keepEvent({ log, recorder }: Session, event: EngineEvent): void {
  const severity = event.diagnosticEvent?.severity;
  const told = severity === "error" || severity === "warning" || event.resOpFailedEvent !== undefined;
  if (told) log.engineEvent(recorder.redactor.deep(event));
}
