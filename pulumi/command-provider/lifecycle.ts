import type { CopySource } from "./copy-to-remote.ts";
import type { ResourceType } from "./inputs.ts";
import { runLocal } from "./local-command.ts";
import { CommandOutput, type Logging } from "./output.ts";
import { redactor } from "./redact.ts";
import type { Connection } from "./ssh.ts";
import { equal, hasSecret, type Properties, reveal, revealAll, secret, UNKNOWN, type Value } from "./values.ts";

/** What an operation on one resource runs in. */
export interface Operation {
  signal: AbortSignal;
  /** Shows a line to the user at the resource. */
  log(line: string): void;
}

/** Inputs of a Command, revealed and checked. */
interface CommandInputs {
  create?: string;
  update?: string;
  delete?: string;
  stdin?: string;
  environment?: Record<string, string>;
  interpreter?: string[];
  dir?: string;
  logging?: Logging;
  addPreviousOutputInEnv?: boolean;
  connection?: Connection;
}

/** Inputs of a CopyToRemote, revealed and checked. */
interface CopyInputs {
  source: { path?: string; text?: string };
  remotePath: string;
  connection: Connection;
}

/** Makes a resource; gives its state. */
export async function create(type: ResourceType, inputs: Properties, operation: Operation): Promise<Properties> {
  if (type === "command:remote:CopyToRemote") await copy(inputs, operation);
  return withOutputs(type, inputs, await runPhase(type, "create", inputs, {}, operation));
}

/** Brings a resource to new inputs; gives its state. */
export async function update(
  type: ResourceType,
  olds: Properties,
  news: Properties,
  operation: Operation,
): Promise<Properties> {
  if (type === "command:remote:CopyToRemote" && needsCopy(olds, news)) await copy(news, operation);
  return withOutputs(type, news, await runPhase(type, "update", news, olds, operation));
}

/** Ends a resource, by its own state. A copied file stays where it is. */
export async function remove(type: ResourceType, state: Properties, operation: Operation): Promise<void> {
  await runPhase(type, "delete", state, state, operation);
}

/** The state that `create` or `update` will give, as far as it is known without running anything. */
export function preview(
  type: ResourceType,
  phase: "create" | "update",
  inputs: Properties,
  olds: Properties,
): Properties {
  const runs = commandOf(phase, revealAll(inputs) as CommandInputs) !== undefined;
  return withOutputs(type, inputs, runs ? { stdout: UNKNOWN, stderr: UNKNOWN } : outputsOf(olds));
}

/** Without an update command create's is run again, as in the official provider. */
function commandOf(phase: "create" | "update" | "delete", inputs: CommandInputs): string | undefined {
  return phase === "update" ? (inputs.update ?? inputs.create) : inputs[phase];
}

function outputsOf(state: Properties): Properties {
  return { stdout: reveal(state.stdout ?? ""), stderr: reveal(state.stderr ?? "") };
}

/** A secret among the inputs makes what the command printed secret too: it may have printed that one. */
function withOutputs(type: ResourceType, inputs: Properties, outputs: Properties): Properties {
  if (type === "command:remote:CopyToRemote") return inputs;
  const guard = (value: Value) => (hasSecret(inputs) ? secret(value) : value);
  return { ...inputs, stdout: guard(outputs.stdout ?? ""), stderr: guard(outputs.stderr ?? "") };
}

async function runPhase(
  type: ResourceType,
  phase: "create" | "update" | "delete",
  properties: Properties,
  olds: Properties,
  operation: Operation,
): Promise<Properties> {
  const inputs = revealAll(properties) as CommandInputs;
  const previous = outputsOf(olds);
  const command = commandOf(phase, inputs);
  if (type === "command:remote:CopyToRemote" || command === undefined) return previous;
  const redact = redactor(properties);
  const output = new CommandOutput(inputs.logging, (line) => operation.log(redact(line)));
  const environment = { ...inputs.environment, ...previousOutput(inputs, previous) };
  try {
    if (inputs.connection) {
      const { connection } = inputs;
      // Loaded when first needed: the ssh library is a third of this plugin's start time.
      const { runRemote } = await import("./remote-command.ts");
      await runRemote({ ...inputs, command, connection, environment }, output, operation.signal);
    } else await runLocal({ ...inputs, command, environment }, output, operation.signal);
  } catch (error) {
    const what = hasSecret(properties[phase] ?? properties.create ?? null) ? `the ${phase} command` : `"${command}"`;
    throw new Error(redact(`${(error as Error).message}: running ${what}:\n${output.combined}`).trimEnd());
  }
  return { stdout: output.result("stdout"), stderr: output.result("stderr") };
}

/** What the last create or update printed, for the next command; empty streams are left out. */
function previousOutput(inputs: CommandInputs, { stdout, stderr }: Properties): Record<string, string> {
  if (inputs.addPreviousOutputInEnv === false) return {};
  return {
    ...(typeof stdout === "string" && stdout !== "" && { PULUMI_COMMAND_STDOUT: stdout }),
    ...(typeof stderr === "string" && stderr !== "" && { PULUMI_COMMAND_STDERR: stderr }),
  };
}

function needsCopy(olds: Properties, news: Properties): boolean {
  const before = revealAll(olds);
  const after = revealAll(news);
  return !equal(before.source, after.source) || before.remotePath !== after.remotePath;
}

/** @throws Error for an asset of another kind, of which an empty file would be made */
function sourceOf({ path, text }: CopyInputs["source"]): CopySource {
  if (path) return { path };
  if (text !== undefined) return { text };
  throw new Error("source is neither a file, a folder nor a text of this machine");
}

async function copy(properties: Properties, operation: Operation): Promise<void> {
  const { source, remotePath, connection } = revealAll(properties) as unknown as CopyInputs;
  const from = sourceOf(source);
  const { copyToRemote } = await import("./copy-to-remote.ts");
  try {
    await copyToRemote(from, remotePath, connection, operation.signal);
  } catch (error) {
    throw new Error(redactor(properties)(`copying to ${remotePath}: ${(error as Error).message}`));
  }
}
