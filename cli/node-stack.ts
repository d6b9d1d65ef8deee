import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation/events.js";
import { LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation/index.js";
import { Config } from "@pulumi/pulumi/config.js";
import { stringify } from "yaml";
import { home } from "../lib/home.ts";
import { OperationLog } from "../lib/operation-log.ts";
import { projectPath } from "../lib/project.ts";
import type { OnStep } from "../lib/step.ts";
import { PROJECT } from "../lifecycle/pulumi-state.ts";
import { destroy, keepingThrown, type Operation, up } from "../lifecycle/stack.ts";
import { refusedSince } from "../nodes/hetzner/refused-offers.ts";
import { backendEnv } from "../pulumi/backend.ts";
import type { Pulumi } from "../pulumi/locate.ts";
import { secretSettings, stackConfig, stackFile } from "../pulumi/stack-file.ts";
import { hasDeadLock, refuseLocked } from "../pulumi/state-lock.ts";
import { nodeStack } from "../stacks/node.ts";
import { EventSteps, nameOf, words } from "./event-steps.ts";
import { stackFailure } from "./stack-failure.ts";

/** One operation on a node's stack. */
export interface NodeOperation {
  stack: string;
  pulumi: Pulumi;
  onStep: OnStep;
  signal: AbortSignal;
}

/**
 * Brings up the node of a stack, with the config that the stack has in this checkout. The same as `pulumi up` by
 * hand, on the same state; but nothing is selected, and the checkout's files are left as they are.
 *
 * @throws UserError for what the config says wrong, InfraError with the first cause of what failed
 */
export async function nodeUp(args: NodeOperation): Promise<void> {
  const { program, thrown } = keepingThrown(() => nodeStack(new Config(PROJECT)));
  for (;;) {
    const begun = Date.now();
    try {
      return await operate(args, "making", (stack, onEvent) => up(stack, program, args.signal, onEvent), thrown);
    } catch (error) {
      // Another server may be had.
      if (!(await refusedSince(begun))) throw error;
    }
  }
}

/** Removes the node of a stack; its state stays, empty. @throws InfraError with the first cause of what failed */
export async function nodeDestroy(args: NodeOperation): Promise<void> {
  await operate(args, "removing", (stack, onEvent) => destroy(stack, args.signal, onEvent));
}

/** Destroys a stack that was made by hand, and removes it with its settings. @throws InfraError */
export async function endStack(args: NodeOperation): Promise<void> {
  const stack = await openNodeStack(args);
  // The lock of a process that is dead never expires, and who ends a stack has no more use for what it was at.
  if (hasDeadLock(args.stack)) await stack.cancel();
  await nodeDestroy(args);
  await stack.workspace.removeStack(args.stack);
  await rm(home("nodes", args.stack), { recursive: true, force: true });
  await rm(stackFile(args.stack), { force: true });
}

async function operate(
  args: NodeOperation,
  doing: "making" | "removing",
  act: (stack: Stack, onEvent: (event: EngineEvent) => void) => Promise<Operation>,
  thrown: () => unknown = () => undefined,
): Promise<void> {
  refuseLocked(args.stack);
  const log = new OperationLog(`node-${args.stack}-${doing}`);
  const steps = new EventSteps(args.onStep);
  const operation = await act(await openNodeStack(args), (event) => {
    steps.event(event);
    const { severity = "debug", urn = "", message = "" } = event.diagnosticEvent ?? {};
    if (severity !== "debug") log.write(`${nameOf(urn)}: ${words(message)}`);
  });
  steps.end();
  args.signal.throwIfAborted();
  if (operation.failures.length === 0 && operation.error === undefined) return log.remove();
  if (operation.error) log.write(operation.error);
  const subject = args.stack === "local" ? "the node" : `stack ${args.stack}`;
  throw stackFailure(subject, operation, doing, log.file, thrown());
}

/** Opens the stack in a work folder of its own, whose settings are made anew from those of the checkout. */
async function openNodeStack({ stack: name, pulumi }: NodeOperation): Promise<Stack> {
  const workDir = home("nodes", name);
  await mkdir(workDir, { recursive: true, mode: 0o700 });
  const plain = Object.entries(stackConfig(name)).map(([key, value]) => [`${PROJECT}:${key}`, value]);
  const secret = secretSettings(name);
  const settings = { ...secret, config: { ...Object.fromEntries(plain), ...secret.config } };
  await writeFile(join(workDir, `Pulumi.${name}.yaml`), stringify(settings));
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName: name, projectName: PROJECT, program: async () => undefined },
    {
      workDir,
      pulumiCommand: await PulumiCommand.get({ root: pulumi.root, skipVersionCheck: true }),
      projectSettings: { name: PROJECT, runtime: "nodejs", main: projectPath() },
      envVars: { ...pulumi.env, ...backendEnv() },
    },
  );
  // The SDK asks for outputs and history after each operation: two more starts of the CLI, for nobody.
  stack.outputs = async () => ({});
  stack.info = async () => undefined;
  return stack;
}
