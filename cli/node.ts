import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { backendEnv } from "../engine/backend.ts";
import { type Engine, ensureEngine } from "../engine/locate.ts";
import { withCleanSettings } from "../engine/stack-file.ts";
import { InfraError } from "../lib/errors.ts";
import { run as runProcess } from "../lib/exec.ts";
import { projectPath } from "../lib/project.ts";
import type { NodeInfo } from "../lifecycle/result.ts";
import { ensureMachineRunning } from "../machine/node.ts";
import { MIRROR_PORT } from "../machine/node-rootfs.ts";
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
  progress.line("bringing up the local node (once; about a minute)");
  await withCleanSettings(LOCAL_STACK, () => upLocal(engine, progress));
  const node = await findRunning(kind);
  if (!node) {
    throw new InfraError("the local node is up, but its engine does not answer", {
      remedy: "run npx recipe-ci doctor",
    });
  }
  return node;
}

async function findRunning(kind: "local" | "existing"): Promise<ChosenNode | undefined> {
  if (kind === "existing") {
    return { kind, dockerHost: process.env.DOCKER_HOST || "unix:///var/run/docker.sock" };
  }
  const node = await ensureMachineRunning(LOCAL_STACK).catch(() => undefined);
  return node && { kind, dockerHost: node.socket, mirror: MIRROR };
}

async function configuredEngine(): Promise<"local" | "existing"> {
  const text = await readFile(projectPath("Pulumi.local.yaml"), "utf8").catch(() => "");
  const settings = parse(text) as { config?: Record<string, unknown> } | null;
  return settings?.config?.["recipe-ci:engine"] === "existing" ? "existing" : "local";
}

/** `pulumi up` of the node program on stack `local`. */
async function upLocal(engine: Engine, progress: ProgressPrinter): Promise<void> {
  const env = { ...process.env, ...backendEnv(), ...engine.env };
  const pulumi = join(engine.root, "bin", "pulumi");
  const options = { cwd: projectPath(), env, onOutput: (text: string) => progress.note(text) };
  const selected = await runProcess([pulumi, "stack", "select", LOCAL_STACK, "--create", "--non-interactive"], options);
  const result =
    selected.code === 0
      ? await runProcess(
          [pulumi, "up", "--stack", LOCAL_STACK, "--yes", "--skip-preview", "--non-interactive"],
          options,
        )
      : selected;
  progress.close();
  if (result.code === 0) return;
  const output = `${result.stdout}\n${result.stderr}`.trim().split("\n").slice(-25).join("\n");
  throw new InfraError(`the local node could not be brought up:\n${output}`, { remedy: "run npx recipe-ci doctor" });
}
