import type { Swarm } from "./client.ts";
import { RUN_LABEL } from "./run-label.ts";

/** Addresses that a network of the Swarm has. */
export interface TakenSubnet {
  /** `10.0.1.0/24` */
  subnet: string;
  /** Name of the network. */
  network: string;
  /** The run it belongs to. */
  run?: string;
}

/** Subnets of all networks of the Swarm, given or chosen by itself. Those of one node have addresses of their own. */
export async function takenSubnets({ docker }: Swarm): Promise<TakenSubnet[]> {
  const networks = await docker.listNetworks({ filters: { scope: ["swarm"] } });
  return networks.flatMap(({ Name, Labels, IPAM }) =>
    (IPAM?.Config ?? []).flatMap(({ Subnet }) =>
      Subnet ? [{ subnet: Subnet, network: Name, run: Labels?.[RUN_LABEL] }] : [],
    ),
  );
}
