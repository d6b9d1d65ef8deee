import type { ServiceSpec } from "../../compose/app-spec.ts";
import { asInfra } from "../../swarm/client.ts";
import type { CheckContext } from "../check.ts";

/** Seconds by which the clocks of nodes may differ. */
const CLOCKS = 5;

/** When a service was made, in seconds, by a clock that may be some behind ours. */
export async function madeAt({ swarm }: CheckContext, { name }: ServiceSpec): Promise<number> {
  const service: { CreatedAt?: string } = await asInfra(swarm, swarm.docker.getService(name).inspect());
  return Math.floor(Date.parse(service.CreatedAt ?? "") / 1000) - CLOCKS;
}
