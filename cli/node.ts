import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { type Engine, ensureEngine } from "../engine/locate.ts";
import { capturePulumi, selectStack } from "../engine/pulumi-cli.ts";
import { withCleanSettings } from "../engine/stack-file.ts";
import { InfraError } from "../lib/errors.ts";
import { projectPath } from "../lib/project.ts";
import type { NodeInfo } from "../lifecycle/result.ts";
import { readSpec } from "../machine/machine.ts";
import { ensureMachineRunning, type LocalNode } from "../machine/node.ts";
import { MIRROR_PORT } from "../machine/node-rootfs.ts";
import { PROXY_NETWORK } from "../machine/swarm.ts";
import { connect } from "../swarm/client.ts";
import { networkId } from "../swarm/networks.ts";
import type { ProgressPrinter } from "./progress.ts";

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

/** Finds Pulumi, showing progress only where it takes longer than a moment. */
export async function readyEngine(progress: ProgressPrinter, signal?: AbortSignal): Promise<Engine> {
  const engine = await ensureEngine({ onProgress: (step) => progress.engine(step), signal });
  progress.close();
  return engine;
}

/**
 * The node of stack `local`, brought up when it is not: this machine's own Docker Engine where `Pulumi.local.yaml`
 * says `recipe-ci:engine: existing`, else a machine of its own.
 */
export async function readyNode(engine: Engine, progress: ProgressPrinter): Promise<ChosenNode> {
  const kind = await configuredEngine();
  const running = await findRunning(kind);
  if (running) return running;
  progress.line(
    kind === "local" ? "bringing up the local node (once; about a minute)" : "preparing this host's engine",
  );
  const node = (await bringUp(kind, engine, progress)) ?? (kind === "local" && (await makeAnew(engine, progress)));
  if (node) return node;
  throw new InfraError("the local node is up, but its engine does not answer", {
    remedy: "run npx recipe-ci doctor",
  });
}

/**
 * The local node, started when it is made but not running, e.g. since a reboot; undefined when it is not made.
 * @throws InfraError when it can't be mended: making it anew is for one whose folder is gone, not for a full disk
 */
export async function healLocalNode(): Promise<LocalNode | undefined> {
  return (await readSpec(LOCAL_STACK)) ? ensureMachineRunning(LOCAL_STACK) : undefined;
}

type NodeKind = "local" | "existing";

async function bringUp(kind: NodeKind, engine: Engine, progress: ProgressPrinter): Promise<ChosenNode | undefined> {
  await withCleanSettings(LOCAL_STACK, () => operate("up", engine, progress));
  return findRunning(kind);
}

/** The state may know of a machine whose folder was removed by hand; only a destroy makes it forget that. */
async function makeAnew(engine: Engine, progress: ProgressPrinter): Promise<ChosenNode | undefined> {
  progress.line("the state knows of a node that is gone: making it anew");
  await withCleanSettings(LOCAL_STACK, () => operate("destroy", engine, progress));
  return bringUp("local", engine, progress);
}

async function findRunning(kind: NodeKind): Promise<ChosenNode | undefined> {
  if (kind === "existing") {
    const dockerHost = process.env.DOCKER_HOST || "unix:///var/run/docker.sock";
    // An engine that does not answer, or is in no Swarm, is told about by `pulumi up` of the node.
    const proxy = await networkId(connect(dockerHost), PROXY_NETWORK).catch(() => undefined);
    return proxy ? { kind, dockerHost } : undefined;
  }
  const node = await healLocalNode();
  return node && { kind, dockerHost: node.socket, mirror: MIRROR };
}

async function configuredEngine(): Promise<NodeKind> {
  const text = await readFile(projectPath("Pulumi.local.yaml"), "utf8").catch(() => "");
  const settings = parse(text) as { config?: Record<string, unknown> } | null;
  return settings?.config?.["recipe-ci:engine"] === "existing" ? "existing" : "local";
}

/** `pulumi up` or `destroy` of the node program on stack `local`. */
async function operate(operation: "up" | "destroy", engine: Engine, progress: ProgressPrinter): Promise<void> {
  const selected = await selectStack(LOCAL_STACK, engine);
  const flags = ["--stack", LOCAL_STACK, "--yes", "--skip-preview", "--non-interactive"];
  const note = (text: string) => progress.note(text);
  const result = selected.code === 0 ? await capturePulumi([operation, ...flags], engine, note) : selected;
  progress.close();
  if (result.code === 0) return;
  const output = `${result.stdout}\n${result.stderr}`.trim().split("\n").slice(-25).join("\n");
  throw new InfraError(`pulumi ${operation} of the local node failed:\n${output}`, {
    remedy: "run npx recipe-ci doctor",
  });
}
