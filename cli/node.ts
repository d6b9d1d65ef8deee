import { oneAtATime } from "../lib/one-at-a-time.ts";
import { chosenKind } from "../nodes/kinds.ts";
import { runStack } from "../nodes/local-stack.ts";
import type { Node, NodeKind } from "../nodes/node.ts";
import { assertBaseDomain } from "../nodes/platform-settings.ts";
import { ensurePulumi, type Pulumi } from "../pulumi/locate.ts";
import { stackConfig } from "../pulumi/stack-file.ts";
import { COMMON_PLUGINS, type PluginName } from "../pulumi/versions.ts";
import { refuseUnknownKeys } from "../stacks/known-keys.ts";
import type { NodeOperation } from "./node-stack.ts";
import type { ProgressPrinter } from "./progress.ts";
import { readyDockerCli } from "./ready-docker-cli.ts";

/** Finds Pulumi with the plugins that a stack needs, showing progress where it takes longer than a moment. */
export async function readyPulumi(progress: ProgressPrinter, signal?: AbortSignal, stack?: string): Promise<Pulumi> {
  const pulumi = await ensurePulumi({ onProgress: progress.step, plugins: pluginsOf(stack), signal });
  progress.close();
  await readyDockerCli(progress, signal);
  return pulumi;
}

/** Whether a stack's program uses plugins that others don't: that of a node in the cloud. */
export function needsMore(stack: string | undefined): boolean {
  return stack !== undefined && stackConfig(stack).node === "hetzner";
}

function pluginsOf(stack?: string): readonly PluginName[] {
  return needsMore(stack) ? [...COMMON_PLUGINS, "hcloud"] : COMMON_PLUGINS;
}

/**
 * The node that runs go to, brought up when it is not: of the kind that the stack's settings name.
 *
 * @throws UserError for a config that can't be; InfraError when the node can't be brought up
 */
export async function readyNode(pulumi: Pulumi, progress: ProgressPrinter, signal: AbortSignal): Promise<Node> {
  const node = await foundOrMade(pulumi, progress, signal);
  assertBaseDomain(node);
  return node;
}

async function foundOrMade(pulumi: Pulumi, progress: ProgressPrinter, signal: AbortSignal): Promise<Node> {
  const kind = configuredKind();
  const running = await kind.find();
  if (running) return running;
  const turn = {
    name: "the local node",
    title: "local node",
    doing: "bringing it up",
    deadline: "30 min",
    onStep: progress.step,
    signal,
  } as const;
  return oneAtATime(turn, async () => {
    const stack = runStack();
    const own = needsMore(stack) ? await readyPulumi(progress, signal, stack) : pulumi;
    const operation = { stack, pulumi: own, onStep: progress.step, signal };
    const node = (await kind.find()) ?? (await bringUp(kind, operation, progress));
    progress.close();
    return node;
  });
}

async function bringUp(kind: NodeKind, operation: NodeOperation, progress: ProgressPrinter): Promise<Node> {
  progress.line(kind.making);
  const { nodeDestroy, nodeUp } = await import("./node-stack.ts");
  await nodeUp(operation);
  const node = await kind.find();
  if (node) return node;
  if (!(await kind.isLost())) throw kind.silent();
  progress.line("the state knows of a node that is gone: making it anew");
  await nodeDestroy(operation);
  await nodeUp(operation);
  const anew = await kind.find();
  if (anew) return anew;
  throw kind.silent();
}

/** What the settings of its stack say the node is that runs go to. A mistake in them is told before anything is made. */
export function configuredKind(): NodeKind {
  refuseUnknownKeys(Object.keys(stackConfig(runStack())).map((key) => `recipe-ci:${key}`));
  return chosenKind();
}
