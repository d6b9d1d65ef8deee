import { availableParallelism } from "node:os";
import { local } from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { Guard } from "../components/guard.ts";
import { LocalNode } from "../components/local-node.ts";
import { UserError } from "../lib/errors.ts";
import { home } from "../lib/home.ts";
import { projectPath } from "../lib/project.ts";
import { type Capabilities, detectCapabilities } from "../machine/capabilities.ts";
import type { EngineInfo } from "../machine/engine-api.ts";
import { checkExistingEngine, existingSocket, OWNER_LABEL, proxyOwner } from "../machine/existing-engine.ts";
import { stepMark } from "../machine/step-mark.ts";
import { PROXY_NETWORK } from "../machine/swarm.ts";

/** MiB a local node may use when the config says nothing: the largest recipes need about six. */
const DEFAULT_MEMORY_MIB = 8192;

/** What a node stack exports. */
export interface NodeOutputs {
  /** Docker host, `unix:///…`. */
  socket: pulumi.Input<string>;
  address: pulumi.Input<string>;
  engineVersion: pulumi.Input<string>;
  capabilities: pulumi.Input<Capabilities>;
  /** Image mirror, `http://address:5000`. Undefined with an engine of others. */
  mirror?: pulumi.Input<string>;
}

/**
 * The program of the node stack: the Swarm that recipes are tested on.
 *
 * Config: `engine` is `local` (default: a machine of its own on this host) or `existing` (the Docker Engine at
 * `DOCKER_HOST`, which must be in a Swarm unless `initSwarm` is true). For `local`: `name` (default `local`),
 * `memory` in MiB (default 8192), `cpus` (default: all).
 */
export async function nodeStack(config: pulumi.Config): Promise<NodeOutputs> {
  const engine = config.get("engine") ?? "local";
  if (engine === "local") return localNode(config);
  if (engine === "existing") return existingNode(config.getBoolean("initSwarm") ?? false);
  throw new UserError(`engine is "${engine}"`, { remedy: "pulumi config set engine local, or existing" });
}

function localNode(config: pulumi.Config): NodeOutputs {
  const name = config.get("name") ?? "local";
  const stack = pulumi.getStack();
  nodeGuard("node", [`--stack=${stack}`, `--name=${name}`]).protectAll();
  const node = new LocalNode("node", {
    name,
    memoryMiB: config.getNumber("memory") ?? DEFAULT_MEMORY_MIB,
    cpus: config.getNumber("cpus") ?? availableParallelism(),
    mark: stepMark(stack),
  });
  const { socket, address, mirror, engineVersion, capabilities } = node;
  return { socket, address, mirror, engineVersion, capabilities };
}

/** Adds to an engine of others only what is missing. Its Swarm is never left: other things may live in it by now. */
async function existingNode(initSwarm: boolean): Promise<NodeOutputs> {
  const socket = existingSocket();
  const info = await checkExistingEngine(socket, initSwarm);
  const owner = `${pulumi.getProject()}/${pulumi.getStack()}`;
  nodeGuard("existing", [`--socket=${socket}`, `--stack=${owner}`]).protectAll();
  const swarm = initSwarm ? [initialisedSwarm(socket)] : [];
  if (!isInSwarm(info) || (await proxyOwner(socket, owner)) !== "other") proxyNetwork(socket, owner, swarm);
  return {
    socket: `unix://${socket}`,
    address: isInSwarm(info) ? info.Swarm.NodeAddr : "127.0.0.1",
    engineVersion: info.ServerVersion,
    capabilities: await detectCapabilities(info),
  };
}

/** What its `end` takes away, see `machine/main.ts`. */
function nodeGuard(kind: "node" | "existing", options: string[]): Guard {
  return new Guard(`${kind}-guard`, {
    program: ["machine/main.ts", ...options],
    begin: `${kind} begin`,
    end: `${kind} end`,
    environment: { RECIPE_CI_HOME: home() },
  });
}

function initialisedSwarm(socket: string): local.Command {
  return new local.Command("swarm", {
    create: "swarm init",
    interpreter: [process.execPath, projectPath("machine/main.ts"), `--socket=${socket}`],
    logging: local.Logging.Stderr,
  });
}

function proxyNetwork(socket: string, owner: string, dependsOn: pulumi.Resource[]): docker.Network {
  const provider = new docker.Provider("engine", { host: `unix://${socket}` }, { dependsOn });
  return new docker.Network(
    PROXY_NETWORK,
    {
      name: PROXY_NETWORK,
      driver: "overlay",
      attachable: true,
      labels: [{ label: OWNER_LABEL, value: owner }],
    },
    { provider, dependsOn },
  );
}

function isInSwarm(info: EngineInfo): boolean {
  return info.Swarm.LocalNodeState === "active";
}
