import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { UserError } from "../lib/errors.ts";
import { answerStep, stepNamed } from "../lib/step-program.ts";
import { ensureExistingSwarm, removeOwn } from "./existing-engine.ts";
import { machineLayout, workerNames } from "./layout.ts";
import { destroyMachine, machineLeftovers, readSpec, stopMachine } from "./machine.ts";
import { networkDown, networkUp } from "./network/network.ts";
import {
  ensureMachineRunning,
  type NodeOptions,
  nodeMachineUp,
  nodeRootfs,
  nodeStatus,
  nodeSwarmDown,
  nodeSwarmUp,
} from "./node.ts";
import { endNode } from "./node-end.ts";
import { supervision } from "./power.ts";
import { toStderr } from "./progress.ts";
import { ensureRequirements, requireRoot } from "./requirements.ts";

/*
 * One step of a local node's life, for the commands of components/local-node.ts and for people:
 *
 *   node machine/main.ts [options] STEP
 *
 * The answer is JSON on standard output, progress goes to standard error. Exit code 2: wrong use; 3: it failed.
 * Every step may be repeated, and each "down" or "end" verifies that nothing is left.
 */

const OPTIONS = {
  name: { type: "string", default: "local" },
  manager: { type: "string" },
  "base-domain": { type: "string" },
  "cache-of": { type: "string" },
  workers: { type: "string", default: "0" },
  memory: { type: "string", default: "8192" },
  cpus: { type: "string", default: String(availableParallelism()) },
  "rootfs-cache": { type: "string" },
  "mirror-folder": { type: "string" },
  socket: { type: "string", default: "/var/run/docker.sock" },
  stack: { type: "string", default: "local" },
} as const;

/**
 * Options of all steps. `socket` is that of an engine of others, `stack` the Pulumi stack that the node belongs to,
 * `workers` the number of its further machines.
 */
type StepOptions = NodeOptions & { socket: string; stack: string; workers: number };

type Step = (options: StepOptions) => Promise<unknown>;

const STEPS: Record<string, Step> = {
  "node begin": async (options) => allNames(options),
  "node end": asRoot((options) => endNode(options.stack, allNames(options))),
  "existing begin": async () => [],
  "existing end": ({ socket, stack }) => removeOwn(socket, stack),
  requirements: () => ensureRequirements(toStderr),
  rootfs: ({ rootfsCache }) => nodeRootfs(toStderr, rootfsCache),
  "network up": asRoot(networkUp),
  "network down": asRoot(networkDown),
  "machine up": (options) => nodeMachineUp(options, toStderr),
  "machine off": asRoot(({ name }) => stopMachine(name)),
  "machine down": asRoot(({ name }) => destroyMachine(name)),
  "swarm up": ({ name }) => nodeSwarmUp(name),
  "swarm down": ({ name }) => nodeSwarmDown(name, toStderr),
  "swarm init": ({ socket }) => ensureExistingSwarm(socket),
  ensure: ({ name }) => ensureMachineRunning(name, toStderr),
  status,
};

/** Every name that a machine of this node has, or has had. */
function allNames({ name, workers }: StepOptions): string[] {
  return [...new Set([...namesBefore(), name, ...workerNames(name, workers)])];
}

/** The names that `node begin` printed for this stack before, from the command provider's environment. */
function namesBefore(): string[] {
  return JSON.parse(process.env.PULUMI_COMMAND_STDOUT || "[]") as string[];
}

/** What there is of a machine, running or not. */
async function status({ name }: NodeOptions): Promise<unknown> {
  const running = await supervision(machineLayout(name));
  return {
    exists: (await readSpec(name)) !== undefined,
    running: running !== undefined,
    node: await nodeStatus(name),
    parts: await machineLeftovers(name),
  };
}

function asRoot(step: Step): Step {
  return (options) => {
    requireRoot();
    return step(options);
  };
}

function parse(argv: string[]): { step: Step; options: StepOptions } {
  const { values, positionals } = parseArgs({ args: argv, options: OPTIONS, allowPositionals: true });
  const name = positionals.join(" ");
  return {
    step: stepNamed(STEPS, name),
    options: {
      name: values.name,
      manager: values.manager,
      baseDomain: values["base-domain"],
      cacheOf: values["cache-of"],
      workers: Number(values.workers),
      memoryMiB: positive("memory", values.memory),
      cpus: positive("cpus", values.cpus),
      rootfsCache: values["rootfs-cache"],
      mirrorFolder: values["mirror-folder"],
      socket: values.socket,
      stack: values.stack,
    },
  };
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new UserError(`--${option} must be a positive number, not "${text}"`);
}

await answerStep(() => {
  const { step, options } = parse(process.argv.slice(2));
  return step(options);
});
