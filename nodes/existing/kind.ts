import { InfraError } from "../../lib/errors.ts";
import { checkExistingEngine, existingSocket } from "../../machine/existing-engine.ts";
import { stackConfig } from "../../pulumi/stack-file.ts";
import { connect } from "../../swarm/client.ts";
import { findEntry } from "../../swarm/entry/find.ts";
import { makeAnew, runStack } from "../local-stack.ts";
import type { NodeKind } from "../node.ts";

/** The Docker Engine at `DOCKER_HOST`, which others use as well. */
export const existingNode: NodeKind = {
  keys: ["initSwarm", "entryAddress"],
  making: "preparing this host's engine",
  async find() {
    const dockerHost = process.env.DOCKER_HOST || "unix:///var/run/docker.sock";
    // An engine that does not answer, or is in no Swarm, is told about by the node's program.
    const entry = await findEntry(connect(dockerHost)).catch(() => undefined);
    return entry && { kind: "existing", dockerHost, entry };
  },
  async look() {
    return (await existingNode.find())?.dockerHost;
  },
  isLost: async () => false,
  async lookAtHost() {
    const info = await checkExistingEngine(existingSocket(), stackConfig(runStack()).initSwarm === "true");
    return `its own Docker ${info.ServerVersion} is used`;
  },
  silent: () =>
    new InfraError("this host's Docker Engine does not show the Traefik that was made", {
      remedy: makeAnew(),
    }),
  program: async (config) => (await import("./program.ts")).existingProgram(config),
};
