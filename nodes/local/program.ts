import { availableParallelism } from "node:os";
import * as pulumi from "@pulumi/pulumi";
import { LocalNode } from "../../components/local-node.ts";
import { UserError } from "../../lib/errors.ts";
import { workerNames } from "../../machine/layout.ts";
import { MIRROR_PORT } from "../../machine/rootfs/node-rootfs.ts";
import { HUB } from "../../machine/rootfs/pull-cache.ts";
import { stepMark } from "../../machine/step-mark.ts";
import { nodeGuard } from "../guard.ts";
import type { NodeOutputs } from "../node.ts";
import { platform } from "../platform.ts";
import { baseDomain } from "../platform-settings.ts";
import { registryAddress } from "../registry-address.ts";

/** MiB a local node may use when the config says nothing: the largest recipes need about six. */
const DEFAULT_MEMORY_MIB = 8192;

/** Most further machines of a local node. */
const MOST_WORKERS = 32;

/**
 * Config: `name` (default `local`), `memory` in MiB (default 8192) and `cpus` (default: all) of each machine, `workers`
 * (default 0), `cache` of what is pulled (default true), and `mirror`, the registry that the cache asks (default Docker
 * Hub).
 *
 * @throws UserError for a number of workers or a registry that can't be
 */
export function localProgram(config: pulumi.Config): NodeOutputs {
  const name = config.get("name") ?? "local";
  const stack = pulumi.getStack();
  const domain = baseDomain(config.get("baseDomain"));
  const workers = parseWorkers(config.get("workers") ?? "0");
  nodeGuard("node", [`--stack=${stack}`, `--name=${name}`, `--workers=${workers}`]).protectAll();
  const node = new LocalNode("node", {
    name,
    baseDomain: domain,
    cacheOf: cacheOf(config.getBoolean("cache") ?? true, registryAddress("mirror", config.get("mirror"))),
    memoryMiB: config.getNumber("memory") ?? DEFAULT_MEMORY_MIB,
    cpus: config.getNumber("cpus") ?? availableParallelism(),
    workers: workerNames(name, workers),
    mark: stepMark(stack),
  });
  const { socket, address, mirror, engineVersion, capabilities } = node;
  const { told: traefik } = platform(config, {
    dockerHost: socket,
    address,
    baseDomain: domain,
    ipvs: capabilities.apply(({ ipvs }) => ipvs),
    mirror: `127.0.0.1:${MIRROR_PORT}`,
    swarm: node.swarm.id,
    after: [node.swarm],
  });
  return {
    socket,
    address,
    mirror,
    engineVersion,
    capabilities,
    traefik,
    ...(workers > 0 && { workers: node.workers }),
  };
}

/** How many further machines. @throws UserError for what is no such number */
export function parseWorkers(text: string): number {
  if (/^\d{1,2}$/.test(text) && Number(text) <= MOST_WORKERS) return Number(text);
  throw new UserError(`"${text}" is no number of workers`, {
    place: { key: "recipe-ci:workers" },
    remedy: `use a whole number from 0 to ${MOST_WORKERS}`,
  });
}

/** What the node's cache asks, where it is to have one. @throws UserError where nothing would ask `mirror` */
export function cacheOf(cache: boolean, mirror: string | undefined): string | undefined {
  if (cache) return mirror ?? HUB;
  if (mirror === undefined) return undefined;
  throw new UserError("the cache is what asks the mirror on a local node, and it is switched off", {
    place: { key: "recipe-ci:mirror" },
    remedy: "npx recipe-ci pulumi config rm cache, or config rm mirror",
  });
}
