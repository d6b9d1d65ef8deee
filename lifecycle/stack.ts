import { log } from "@pulumi/pulumi";
import type { EngineEvent } from "@pulumi/pulumi/automation/events.js";
import { CommandError, LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation/index.js";
import { InfraError, messageOf } from "../lib/errors.ts";
import { remedyFor } from "../lib/known-causes.ts";
import { projectPath } from "../lib/project.ts";
import { remembered } from "../lib/remembered.ts";
import type { Pulumi } from "../pulumi/locate.ts";
import { PROJECT } from "./pulumi-state.ts";
import { workFolder } from "./run-folder.ts";
import { runEnvironment } from "./run-pulumi.ts";

// The SDK tells the engine of each of its own steps in a call of its own, one after the other, and the engine tells them
// back: 1,600 messages in a run of 97 resources, which nobody reads. There is no setting against it.
Object.assign(log, { debug: () => Promise.resolve() });

export type Program = () => Promise<Record<string, unknown> | undefined>;

/** A program that keeps what it throws: of that Pulumi tells a text alone. */
export function keepingThrown(declare: () => Promise<object>): { program: Program; thrown: () => unknown } {
  let thrown: unknown;
  const program = async () => {
    try {
      return { ...(await declare()) };
    } catch (error) {
      thrown = error;
      throw error;
    }
  };
  return { program, thrown: () => thrown };
}

/** A resource Pulumi could not make, change or delete. */
export interface ResourceFailure {
  urn: string;
  message: string;
}

/** What one operation on a stack came to. */
export interface Operation {
  /** Resources by what happened to them: `create`, `update`, `same`, `delete`. */
  changes: Record<string, number>;
  failures: ResourceFailure[];
  /** Pulumi's own last words when it failed with no resource to blame. */
  error?: string;
}

/** Counts what an operation has done with resources so far. */
export class ResourceCount {
  private readonly counts = { create: 0, update: 0, same: 0 };

  add({ resOutputsEvent }: EngineEvent): void {
    const op = resOutputsEvent?.metadata.op;
    if (op === "create" || op === "update" || op === "same") this.counts[op]++;
  }

  words(): string {
    const { create, update, same } = this.counts;
    return `${create} created, ${update} updated, ${same} unchanged`;
  }
}

/**
 * Opens a stack in the run's own work folder: Pulumi's settings of one run can't disturb another's.
 * @throws InfraError for what Pulumi's CLI or the file system refuses
 */
export async function openStack(run: string, pulumi: Pulumi, create: boolean): Promise<Stack> {
  try {
    return await stackOf(run, pulumi, create);
  } catch (error) {
    throw ofMachinery(error);
  }
}

const commands = new Map<string, Promise<PulumiCommand>>();

/**
 * Pulumi's CLI as the SDK wants it. The SDK asks it for its version, which is a start of its own: once for all stacks,
 * and best asked before the first of them is waited for.
 */
export function commandOf({ root }: Pulumi): Promise<PulumiCommand> {
  return remembered(commands, root, () => PulumiCommand.get({ root, skipVersionCheck: true }));
}

async function stackOf(run: string, pulumi: Pulumi, create: boolean): Promise<Stack> {
  const inline = { stackName: run, projectName: PROJECT, program: async () => undefined };
  const options = {
    workDir: workFolder(run),
    pulumiCommand: await commandOf(pulumi),
    projectSettings: { name: PROJECT, runtime: "nodejs" as const, main: projectPath() },
    envVars: await runEnvironment(run, pulumi),
  };
  const stack = create
    ? await LocalWorkspace.createStack(inline, options)
    : await LocalWorkspace.selectStack(inline, options);
  skipQueriesAfterOperations(stack);
  return stack;
}

/** Brings the stack to what the program says. Failed resources don't stop independent ones. */
export function up(stack: Stack, program: Program, signal: AbortSignal, onEvent: OnEvent): Promise<Operation> {
  return observe(onEvent, (listener) =>
    stack.up({ program, continueOnError: true, signal, onEvent: listener, suppressProgress: true }),
  );
}

/** Destroys everything in the stack, as far as it goes. */
export function destroy(stack: Stack, signal: AbortSignal, onEvent: OnEvent): Promise<Operation> {
  return observe(onEvent, (listener) =>
    stack.destroy({ continueOnError: true, signal, onEvent: listener, suppressProgress: true }),
  );
}

export type OnEvent = (event: EngineEvent) => void;

// After each operation the SDK asks for outputs and history, which takes three more starts of the CLI; no one
// reads either here.
function skipQueriesAfterOperations(stack: Stack): void {
  stack.outputs = async () => ({});
  stack.info = async () => undefined;
}

/** Runs an operation and gathers from Pulumi's events what it came to; never throws for what they tell. */
export async function observe(onEvent: OnEvent, operate: (listener: OnEvent) => Promise<unknown>): Promise<Operation> {
  const operation: Operation = { changes: {}, failures: [] };
  const messages = new Map<string, string>();
  const failed = new Set<string>();
  const listener = (event: EngineEvent) => {
    onEvent(event);
    const diagnostic = event.diagnosticEvent;
    if (diagnostic?.severity === "error") {
      const urn = diagnostic.urn ?? "";
      messages.set(urn, `${messages.get(urn) ?? ""}${clean(diagnostic.message)}`);
    }
    if (event.resOpFailedEvent) failed.add(event.resOpFailedEvent.metadata.urn);
    if (event.summaryEvent) operation.changes = event.summaryEvent.resourceChanges as Record<string, number>;
  };
  try {
    await operate(listener);
  } catch (error) {
    for (const urn of failed) operation.failures.push({ urn, message: messages.get(urn)?.trim() ?? "failed" });
    const rest = [...messages].filter(([urn, message]) => !failed.has(urn) && !isEcho(message));
    // What a provider refuses before it is asked to do anything is told of the resource, and is no failed step.
    for (const [urn, message] of rest) if (isResource(urn)) operation.failures.push({ urn, message: message.trim() });
    const unexplained = rest.flatMap(([urn, message]) => (isResource(urn) ? [] : message.trim()));
    operation.error = unexplained.join("\n") || (operation.failures.length ? undefined : firstLines(error));
  }
  return operation;
}

/** Not the stack as a whole, nor Pulumi itself, which bears no name. */
function isResource(urn: string): boolean {
  return urn !== "" && urn.split("::")[2] !== "pulumi:pulumi:Stack";
}

/** What the program says once more of a resource that failed, after Pulumi said it with the reason. */
function isEcho(message: string): boolean {
  return /failed to register|Unhandled exception|update failed|resource registration/i.test(message);
}

function clean(message: string): string {
  // Colour directives of Pulumi: <{%fg 1%}>, <{%reset%}>.
  return message.replace(/<\{%[^%]*%\}>/g, "");
}

function firstLines(error: unknown): string {
  return clean(messageOf(error)).split("\n").slice(0, 30).join("\n");
}

/** What the CLI says, and the system of files and programs; a mistake in code as it is. */
function ofMachinery(error: unknown): unknown {
  const isSystems = error instanceof Error && "syscall" in error;
  if (!(error instanceof CommandError) && !isSystems) return error;
  const said = firstLines(error);
  return new InfraError(said, { remedy: remedyFor(said), cause: error });
}
