import { InfraError, UserError } from "../../lib/errors.ts";
import { findProgram } from "../../lib/program.ts";
import { serverEngine } from "../../lib/ssh-arguments.ts";
import { SYSTEM_PATH } from "../../machine/host.ts";
import { connect } from "../../swarm/client.ts";
import { findEntry } from "../../swarm/entry/find.ts";
import { makeAnew, runStack } from "../local-stack.ts";
import type { NodeKind } from "../node.ts";
import { serversOf } from "./server-access.ts";

/** Servers of a project at Hetzner. */
export const hetznerNode: NodeKind = {
  keys: [
    ...["token", "endpoint", "locations", "serverTypes", "image", "docker", "workers", "sshFrom", "ttl", "protect"],
    ...["network", "volume", "zone", "acme", "acmeEmail", "acmeAuthorities", "mirror", "cache"],
  ],
  making: "bringing up a node at Hetzner, which costs money until pulumi destroy",
  async find() {
    const dockerHost = await hetznerNode.look();
    const entry = dockerHost && (await findEntry(connect(dockerHost)));
    return entry ? { kind: "hetzner", dockerHost, entry } : undefined;
  },
  async look() {
    const manager = (await serversOf(runStack())).find(({ role }) => role === "manager");
    return manager && serverEngine(manager.address);
  },
  // What is paid for is never destroyed because it was not found.
  isLost: async () => false,
  async lookAtHost() {
    if (await findProgram("ssh", SYSTEM_PATH)) return "has what a node at Hetzner needs: ssh";
    throw new UserError("lacks ssh", { remedy: "install openssh-client" });
  },
  silent: () =>
    new InfraError("the node at Hetzner is up, but does not show the Traefik that was made", {
      remedy: makeAnew(),
    }),
  program: async (config) => (await import("./program.ts")).hetznerProgram(config),
};
