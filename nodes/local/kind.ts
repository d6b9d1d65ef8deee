import { InfraError } from "../../lib/errors.ts";
import { findProgram } from "../../lib/program.ts";
import { SYSTEM_PATH } from "../../machine/host.ts";
import { machineLayout } from "../../machine/layout.ts";
import { readSpec } from "../../machine/machine.ts";
import { ensureMachineRunning, nodeStatus } from "../../machine/node.ts";
import { missingPackages, requireRoot } from "../../machine/requirements.ts";
import { MIRROR_PORT } from "../../machine/rootfs/node-rootfs.ts";
import { connect } from "../../swarm/client.ts";
import { findEntry } from "../../swarm/entry/find.ts";
import { LOCAL_STACK, makeAnew } from "../local-stack.ts";
import type { NodeKind } from "../node.ts";

/** A machine of its own in a folder of this host. */
export const localNode: NodeKind = {
  keys: ["name", "memory", "cpus", "workers"],
  making: "bringing up the local node (once)",
  async find() {
    if (await localNode.isLost()) return undefined;
    const { socket } = await ensureMachineRunning(LOCAL_STACK);
    const entry = await findEntry(connect(socket));
    // One that was made before there was a Traefik gets it as it is brought up once more.
    return entry && { kind: "local", dockerHost: socket, mirror: `127.0.0.1:${MIRROR_PORT}`, entry };
  },
  async look() {
    return (await nodeStatus(LOCAL_STACK))?.socket;
  },
  async isLost() {
    return (await readSpec(LOCAL_STACK)) === undefined;
  },
  async lookAtHost() {
    requireRoot();
    const missing = await missingPackages();
    if (missing.length === 0) return "has what a local node needs";
    const names = missing.join(", ");
    if (await findProgram("apt-get", SYSTEM_PATH))
      return `lacks ${names}: the first start installs them as root by apt`;
    throw new InfraError(`lacks ${names}, and there is no apt to install them`, {
      remedy: "install them with this system's package manager",
    });
  },
  silent: () =>
    new InfraError("the local node is up, but its Docker Engine does not answer", {
      remedy: makeAnew(),
      log: machineLayout(LOCAL_STACK).console,
    }),
  // Pulumi's SDK takes a while to load, and finding a node does not need it.
  program: async (config) => (await import("./program.ts")).localProgram(config),
};
