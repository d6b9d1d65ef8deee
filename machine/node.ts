import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { InfraError } from "../lib/errors.ts";
import { exists } from "../lib/exists.ts";
import { home } from "../lib/home.ts";
import { ENGINE_LABEL } from "../lib/swarm/node-labels.ts";
import { DeadlineError } from "../lib/until.ts";
import { type Capabilities, capabilityLabels, detectCapabilities, missingFileSystems } from "./capabilities.ts";
import { ensureSpace } from "./disk-space.ts";
import { type EngineInfo, engineInfo } from "./engine-api.ts";
import { answerOf, answersSoon, waitEngine, waitMirror } from "./gates.ts";
import { type MachineLayout, machineLayout } from "./layout.ts";
import { ensureMachine, type MachineSpec, pickAddress, readSpec, stopMachine, workersOf } from "./machine.ts";
import { isForwarding } from "./network/forwarding.ts";
import { networkUp } from "./network/network.ts";
import { hostNameservers } from "./network/resolv-conf.ts";
import { consoleTail, supervision } from "./power.ts";
import type { Progress } from "./progress.ts";
import { ensureRequirements, requireRoot } from "./requirements.ts";
import { MIRROR_FOLDER, MIRROR_PORT, NODE_ROOTFS, nodeSeed, SOCKET_FOLDER } from "./rootfs/node-rootfs.ts";
import { PULL_CACHE_FOLDER } from "./rootfs/pull-cache.ts";
import { ensureRootfs, type Rootfs } from "./rootfs/rootfs.ts";
import { removeUnusedRootfs } from "./rootfs/rootfs-cache.ts";
import { ensureSwarm, leaveSwarm } from "./swarm.ts";
import { isReadyWorker, joinSwarm, leaveAsWorker, type SwarmManager } from "./swarm-worker.ts";

/** What can be chosen about a local node. */
export interface NodeOptions {
  name: string;
  /** Machine whose Swarm it joins as a worker. Default: it is a manager itself. */
  manager?: string;
  /** Domain whose names lead its containers to the manager, where the node's Traefik is. Default: none does. */
  baseDomain?: string;
  /** Most memory of the whole machine, in MiB. Not reserved. */
  memoryMiB: number;
  /** Most processor time of the machine, in processors. May have a fraction. */
  cpus: number;
  /** Folder of cached root file systems. Default: `rootfs` in recipe-ci's home. */
  rootfsCache?: string;
  /** `http(s)://host:port` of the registry that the node's cache asks, for all its machines. Default: it has no cache. */
  cacheOf?: string;
  /** Folder of the image mirror's blobs, which outlives the node. Default: `mirror` in recipe-ci's home. */
  mirrorFolder?: string;
}

/** A local node that is up, as others use it. */
export interface LocalNode {
  name: string;
  /** Docker host, `unix:///…`. */
  socket: string;
  address: string;
  /** Image mirror as the host reaches it, `http://address:5000`. In the node it is `http://127.0.0.1:5000`. */
  mirror: string;
  engineVersion: string;
  capabilities: Capabilities;
}

/** Gives the root file system of local nodes, see {@link ensureRootfs}. */
export async function nodeRootfs(progress: Progress, cache = home("rootfs")): Promise<Rootfs> {
  await ensureRequirements(progress);
  return ensureRootfs(NODE_ROOTFS, cache, progress);
}

/**
 * Brings a local node's machine up until its Docker Engine and image mirror answer. Makes what is missing, from the
 * root file system on; see {@link ensureMachine} for what a change does.
 */
export async function nodeMachineUp(options: NodeOptions, progress: Progress): Promise<LocalNode> {
  const rootfs = await nodeRootfs(progress, options.rootfsCache);
  const missing = await missingFileSystems();
  if (missing.length > 0) throw new InfraError(`this host's kernel lacks ${missing.join(", ")}`);
  const network = await networkUp();
  const { name, manager, baseDomain, cacheOf } = options;
  const address = await pickAddress(name, network);
  const entry = manager === undefined ? address : (await managerOf(manager)).address;
  const mirrorFolder = options.mirrorFolder ?? home("mirror");
  const hasCache = cacheOf !== undefined && manager === undefined;
  const outliving = [
    { source: mirrorFolder, target: MIRROR_FOLDER },
    ...(hasCache ? [{ source: home("pull-cache", name), target: PULL_CACHE_FOLDER }] : []),
  ];
  for (const { source } of outliving) await mkdir(source, { recursive: true });
  const spec: MachineSpec = {
    name,
    manager,
    baseDomain,
    cacheOf,
    rootfs,
    limits: { memoryMiB: options.memoryMiB, cpus: options.cpus },
    network,
    address,
    binds: [{ source: machineLayout(name).run, target: SOCKET_FOLDER }, ...outliving],
    seed: nodeSeed({ name, address, entry, baseDomain, cacheOf, nameservers: await hostNameservers() }),
  };
  await ensureMachine(spec, progress);
  // Only now does the machine no longer use the one it had before.
  await removeUnusedRootfs(dirname(rootfs.folder));
  return waitServing(spec, progress);
}

/** Makes a machine that is up a Swarm manager with the network `proxy`, or a worker of its manager's Swarm. */
export async function nodeSwarmUp(name: string): Promise<LocalNode> {
  const spec = await requireSpec(name);
  const { socket } = machineLayout(name);
  const node = await describeNode(spec, await engineInfo(socket));
  const labels = { ...capabilityLabels(node.capabilities), [ENGINE_LABEL]: node.socket };
  if (spec.manager === undefined) await ensureSwarm(socket, spec.address, labels);
  else await joinSwarm({ socket, name, address: spec.address, labels }, await managerOf(spec.manager));
  return node;
}

/** Takes a machine out of its Swarm, which ends with its manager. One that is off or gone has nothing to leave. */
export async function nodeSwarmDown(name: string, progress: Progress): Promise<void> {
  const spec = await readSpec(name);
  const { socket } = machineLayout(name);
  if (spec?.manager !== undefined) return leaveAsWorker({ socket, name }, await managerOf(spec.manager), progress);
  if ((await nodeStatus(name)) !== undefined) await leaveSwarm(socket);
}

/**
 * Sees to it that a node made before is up, its Swarm and its workers too: milliseconds when it is, a few seconds when
 * it was killed or the host rebooted.
 *
 * @throws InfraError when the node was never made, or can't be mended.
 */
export async function ensureMachineRunning(name: string, progress: Progress = () => undefined): Promise<LocalNode> {
  const node = await ensureOneRunning(await requireSpec(name), progress);
  for (const worker of await workersOf(name)) await ensureOneRunning(worker, progress);
  return node;
}

async function ensureOneRunning(spec: MachineSpec, progress: Progress): Promise<LocalNode> {
  const { name } = spec;
  const layout = machineLayout(name);
  const info = await healthyInfo(layout, spec);
  if (info) return describeNode(spec, info);
  requireRoot();
  progress(`${name} is not up, starting it`);
  // A machine that runs but does not answer by now will not do so after a polite request either.
  if ((await supervision(layout)) && !(await answersSoon(layout))) await stopMachine(name);
  await nodeMachineUp(optionsOf(spec), progress);
  return nodeSwarmUp(name);
}

/** The node as it is now, without changing anything; undefined when it does not exist or does not answer. */
export async function nodeStatus(name: string): Promise<LocalNode | undefined> {
  const spec = await readSpec(name);
  const info = spec && (await healthyInfo(machineLayout(name), spec));
  return spec && info && describeNode(spec, info);
}

async function requireSpec(name: string): Promise<MachineSpec> {
  const spec = await readSpec(name);
  if (spec) return spec;
  throw new InfraError(`there is no machine "${name}"`, { remedy: "bring the node up first" });
}

function optionsOf(spec: MachineSpec): NodeOptions {
  return {
    name: spec.name,
    manager: spec.manager,
    baseDomain: spec.baseDomain,
    cacheOf: spec.cacheOf,
    memoryMiB: spec.limits.memoryMiB,
    cpus: spec.limits.cpus,
    rootfsCache: spec.rootfs.folder.slice(0, -spec.rootfs.key.length - 1),
    mirrorFolder: spec.binds.find(({ target }) => target === MIRROR_FOLDER)?.source,
  };
}

async function managerOf(name: string): Promise<SwarmManager> {
  const { address } = await requireSpec(name);
  return { socket: machineLayout(name).socket, address };
}

async function healthyInfo(layout: MachineLayout, { network, manager }: MachineSpec): Promise<EngineInfo | undefined> {
  if (!(await supervision(layout)) || !(await exists(`/sys/class/net/${network.bridge}/brif/${layout.id}`)))
    return undefined;
  // Somebody may have switched it off since: then the node waits for every answer from outside, name servers' too.
  if (!(await isForwarding())) return undefined;
  const info = await answerOf(layout);
  if (info?.Swarm.LocalNodeState !== "active") return undefined;
  if (manager === undefined) return info.Swarm.ControlAvailable ? info : undefined;
  return (await isReadyWorker(machineLayout(manager).socket, info.Swarm.NodeID)) ? info : undefined;
}

async function waitServing(spec: MachineSpec, progress: Progress): Promise<LocalNode> {
  const layout = machineLayout(spec.name);
  try {
    const info = await waitEngine(layout, "90 s");
    await waitMirror(spec.address);
    progress(`${spec.name}: Docker ${info.ServerVersion} answers at ${spec.address}`);
    return await describeNode(spec, info);
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error;
    // A disk that filled up meanwhile is the likeliest cause, and its message the better one.
    await ensureSpace(layout.folder, 50);
    throw new InfraError(`${error.message}\n${await consoleTail(layout)}`, { remedy: `read ${layout.console}` });
  }
}

async function describeNode(spec: MachineSpec, info: EngineInfo): Promise<LocalNode> {
  return {
    name: spec.name,
    socket: `unix://${machineLayout(spec.name).socket}`,
    address: spec.address,
    mirror: `http://${spec.address}:${MIRROR_PORT}`,
    engineVersion: info.ServerVersion,
    capabilities: { ...(await detectCapabilities(info)), virtualIps: true },
  };
}
