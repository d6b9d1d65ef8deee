import { entryAnswering } from "../checks/http/entry-answers.ts";
import { InfraError } from "../lib/errors.ts";
import { found, type Swarm } from "../swarm/client.ts";
import type { Entry } from "../swarm/entry/find.ts";
import { ENTRY_LABELS } from "../swarm/entry/labels.ts";

/**
 * Waits until a node's Traefik answers with the certificate for its names, as whoever asks from here sees it, and takes
 * away what earlier ones read.
 *
 * @throws InfraError with what was seen last, and the end of its log
 */
export async function traefikReady(swarm: Swarm): Promise<Pick<Entry, "address" | "port">> {
  const entry = await entryAnswering(swarm, "60 s");
  if (!entry) throw new InfraError("the Traefik that was made is not in the Swarm");
  await sweep(swarm);
  return { address: entry.address, port: entry.port };
}

/** Files of a Traefik that has others by now. */
async function sweep({ docker }: Swarm): Promise<void> {
  const filters = { label: [`${ENTRY_LABELS.platform}=traefik`] };
  const [services, secrets, configs] = await Promise.all([
    docker.listServices({ filters }),
    docker.listSecrets({ filters }),
    docker.listConfigs({ filters }),
  ]);
  const used = JSON.stringify(services.map(({ Spec }) => Spec));
  for (const { ID } of secrets) if (!used.includes(ID)) await found(docker.getSecret(ID).remove());
  for (const { ID } of configs) if (!used.includes(ID)) await found(docker.getConfig(ID).remove());
}
