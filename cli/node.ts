import { type Engine, ensureEngine } from "../engine/locate.ts";
import { stackConfig, stackFile } from "../engine/stack-file.ts";
import { COMMON_PLUGINS, type PluginName } from "../engine/versions.ts";
import { InfraError, UserError } from "../lib/errors.ts";
import { oneAtATime } from "../lib/one-at-a-time.ts";
import type { NodeInfo } from "../lifecycle/result.ts";
import { machineLayout } from "../machine/layout.ts";
import { readSpec } from "../machine/machine.ts";
import { ensureMachineRunning, type LocalNode, nodeStatus } from "../machine/node.ts";
import { MIRROR_PORT } from "../machine/node-rootfs.ts";
import { PROXY_NETWORK } from "../machine/swarm.ts";
import { refuseUnknownKeys } from "../stacks/known-keys.ts";
import { type EngineKind, parseEngineKind } from "../stacks/node-config.ts";
import { connect } from "../swarm/client.ts";
import { networkId } from "../swarm/networks.ts";
import type { NodeOperation } from "./node-stack.ts";
import type { ProgressPrinter } from "./progress.ts";
import { readyDockerCli } from "./ready-docker-cli.ts";

/** Stack of the node that runs on this machine. */
export const LOCAL_STACK = "local";

const MIRROR = `127.0.0.1:${MIRROR_PORT}`;

/** The node that runs go to. */
export interface ChosenNode {
  kind: NodeInfo["kind"];
  dockerHost: string;
  /** host:port of its image mirror as its engine sees it. */
  mirror?: string;
}

/** Finds Pulumi with the plugins that a stack needs, showing progress where it takes longer than a moment. */
export async function readyEngine(progress: ProgressPrinter, signal?: AbortSignal, stack?: string): Promise<Engine> {
  const engine = await ensureEngine({ onProgress: progress.step, plugins: pluginsOf(stack), signal });
  progress.close();
  await readyDockerCli(progress, signal);
  return engine;
}

/** Whether a stack's program uses plugins that others don't: that of a node in the cloud. */
export function needsMore(stack: string | undefined): boolean {
  return stack !== undefined && stackConfig(stack).engine === "hetzner";
}

function pluginsOf(stack?: string): readonly PluginName[] {
  return needsMore(stack) ? [...COMMON_PLUGINS, "hcloud"] : COMMON_PLUGINS;
}

/**
 * The node of stack `local`, brought up when it is not: this machine's own Docker Engine where the stack's config
 * says `recipe-ci:engine: existing`, else a machine of its own.
 *
 * @throws UserError for a config that can't be; InfraError when the node can't be brought up
 */
export async function readyNode(engine: Engine, progress: ProgressPrinter, signal: AbortSignal): Promise<ChosenNode> {
  const kind = configuredKind();
  const running = await findRunning(kind);
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
    const operation = { stack: LOCAL_STACK, engine, onStep: progress.step, signal };
    const node = (await findRunning(kind)) ?? (await bringUp(kind, operation, progress));
    progress.close();
    return node;
  });
}

/**
 * The local node, started when it is made but not running, e.g. since a reboot; undefined when it is not made.
 * @throws InfraError when it can't be mended: making it anew is for one whose folder is gone, not for a full disk
 */
export async function healLocalNode(): Promise<LocalNode | undefined> {
  return (await readSpec(LOCAL_STACK)) ? ensureMachineRunning(LOCAL_STACK) : undefined;
}

type NodeKind = Exclude<EngineKind, "hetzner">;

async function bringUp(kind: NodeKind, operation: NodeOperation, progress: ProgressPrinter): Promise<ChosenNode> {
  progress.line(kind === "local" ? "bringing up the local node (once)" : "preparing this host's engine");
  const { nodeDestroy, nodeUp } = await import("./node-stack.ts");
  await nodeUp(operation);
  const node = await findRunning(kind);
  if (node) return node;
  if (kind === "local" && (await readSpec(LOCAL_STACK)) === undefined) {
    // Only a destroy makes the state forget a machine whose folder was removed by hand.
    progress.line("the state knows of a node that is gone: making it anew");
    await nodeDestroy(operation);
    await nodeUp(operation);
    const anew = await findRunning(kind);
    if (anew) return anew;
  }
  throw silent(kind);
}

function silent(kind: NodeKind): InfraError {
  const anew = `npx recipe-ci pulumi destroy -s ${LOCAL_STACK}, then run again, makes it anew`;
  return kind === "local"
    ? new InfraError("the local node is up, but its Docker Engine does not answer", {
        remedy: anew,
        log: machineLayout(LOCAL_STACK).console,
      })
    : new InfraError("this host's Docker Engine does not show the network proxy that was made", { remedy: anew });
}

async function findRunning(kind: NodeKind): Promise<ChosenNode | undefined> {
  if (kind === "existing") {
    const dockerHost = process.env.DOCKER_HOST || "unix:///var/run/docker.sock";
    // An engine that does not answer, or is in no Swarm, is told about by the node's program.
    const proxy = await networkId(connect(dockerHost), PROXY_NETWORK).catch(() => undefined);
    return proxy ? { kind, dockerHost } : undefined;
  }
  const node = await healLocalNode();
  return node && { kind, dockerHost: node.socket, mirror: MIRROR };
}

/** Docker host of the node as it is, without bringing it up; undefined where there is none to be reached. */
export async function dockerHostNow(): Promise<string | undefined> {
  const kind = configuredKind();
  if (kind === "existing") return (await findRunning(kind))?.dockerHost;
  return (await nodeStatus(LOCAL_STACK))?.socket;
}

/** What the config of stack `local` says a node is. A mistake in it is told before anything is made. */
export function configuredKind(): NodeKind {
  const config = stackConfig(LOCAL_STACK);
  refuseUnknownKeys(Object.keys(config).map((key) => `recipe-ci:${key}`));
  const kind = parseEngineKind(config.engine ?? "local");
  if (kind !== "hetzner") return kind;
  throw new UserError("a node in the cloud can't be used for runs yet", {
    place: { file: stackFile(LOCAL_STACK), key: "recipe-ci:engine" },
    remedy: `npx recipe-ci pulumi config set engine local -s ${LOCAL_STACK}`,
  });
}
