import { local } from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { engineProvider } from "../../components/engine-provider.ts";
import { projectPath } from "../../lib/project.ts";
import { detectCapabilities } from "../../machine/capabilities.ts";
import type { EngineInfo } from "../../machine/engine-api.ts";
import {
  checkExistingEngine,
  existingSocket,
  OWNER_LABEL,
  proxyOwner,
  serviceOwner,
} from "../../machine/existing-engine.ts";
import { PROXY_NETWORK } from "../../machine/swarm.ts";
import { TRAEFIK_SERVICE } from "../../swarm/entry/labels.ts";
import { nodeGuard } from "../guard.ts";
import type { NodeOutputs } from "../node.ts";
import { platform } from "../platform.ts";

/**
 * Adds to an engine of others only what is missing. Its Swarm is never left: other things may live in it by now.
 * Config: `initSwarm`, make one where the engine is in none (default: false); `entryAddress`, at which this host reaches
 * ports that the engine publishes (default: its own in its Swarm).
 */
export async function existingProgram(config: pulumi.Config): Promise<NodeOutputs> {
  const initSwarm = config.getBoolean("initSwarm") ?? false;
  const socket = existingSocket();
  const info = await checkExistingEngine(socket, initSwarm);
  const owner = `${pulumi.getProject()}/${pulumi.getStack()}`;
  nodeGuard("existing", [`--socket=${socket}`, `--stack=${owner}`]).protectAll();
  const swarm = initSwarm ? [initialisedSwarm(socket)] : [];
  const ours = !isInSwarm(info) || (await proxyOwner(socket, owner)) !== "other";
  const after = ours ? [proxyNetwork(socket, owner, swarm)] : swarm;
  const address = isInSwarm(info) ? info.Swarm.NodeAddr : "127.0.0.1";
  const capabilities = await detectCapabilities(info);
  const common = { socket: `unix://${socket}`, address, engineVersion: info.ServerVersion, capabilities };
  if ((await serviceOwner(socket, TRAEFIK_SERVICE, owner)) === "other") {
    return { ...common, traefik: `${TRAEFIK_SERVICE}, which another stack has put here` };
  }
  const { told: traefik } = platform(config, {
    dockerHost: `unix://${socket}`,
    address: config.get("entryAddress") ?? address,
    ipvs: capabilities.ipvs,
    // Those of the host are its owner's.
    ports: { web: 0, webSecure: 0 },
    labels: { [OWNER_LABEL]: owner },
    swarm: swarm[0]?.id ?? "",
    after,
  });
  return { ...common, traefik };
}

function initialisedSwarm(socket: string): local.Command {
  return new local.Command("swarm", {
    create: "swarm init",
    interpreter: [process.execPath, projectPath("machine/main.ts"), `--socket=${socket}`],
    logging: local.Logging.Stderr,
  });
}

function proxyNetwork(socket: string, owner: string, dependsOn: pulumi.Resource[]): docker.Network {
  const provider = engineProvider("engine", `unix://${socket}`, { dependsOn });
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
