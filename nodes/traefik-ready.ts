import { askEntry } from "../checks/entry-request.ts";
import { InfraError } from "../lib/errors.ts";
import { DeadlineError, until } from "../lib/until.ts";
import { found, type Swarm } from "../swarm/client.ts";
import { type Entry, findEntry } from "../swarm/entry.ts";
import { ENTRY_LABELS } from "../swarm/entry-labels.ts";
import { serviceLogs } from "../swarm/logs.ts";

/**
 * Waits until a node's Traefik answers with the certificate for its names, as whoever asks from here sees it, and takes
 * away what earlier ones read.
 *
 * @throws InfraError with what was seen last, and the end of its log
 */
export async function traefikReady(swarm: Swarm): Promise<Pick<Entry, "address" | "port">> {
  const entry = await until(
    async () => {
      const way = await findEntry(swarm);
      if (!way) return { done: false, reason: "its service is not there" };
      const { error } = await askEntry(way, { url: `https://recipe-ci.${way.baseDomain}/` });
      return error ? { done: false, reason: error } : { done: true, value: way };
    },
    { what: "Traefik answers", deadline: "60 s", every: "50 ms" },
  ).catch(async (error: unknown) => {
    throw error instanceof DeadlineError ? await withLog(swarm, error) : error;
  });
  await sweep(swarm);
  return { address: entry.address, port: entry.port };
}

async function withLog(swarm: Swarm, error: DeadlineError): Promise<InfraError> {
  const service = (await ours(swarm))?.ID;
  const log = service && (await serviceLogs(swarm, service).catch(() => ""));
  return new InfraError(`${error.message}${log ? `\n${log}` : ""}`, { cause: error });
}

async function ours({ docker }: Swarm) {
  const [service] = await docker.listServices({ filters: { label: [`${ENTRY_LABELS.platform}=traefik`] } });
  return service;
}

/** Files of a Traefik that has others by now: Swarm keeps those that a task still uses. */
async function sweep(swarm: Swarm): Promise<void> {
  const { docker } = swarm;
  const spec = JSON.stringify((await ours(swarm))?.Spec ?? {});
  const filters = { label: [`${ENTRY_LABELS.platform}=traefik`] };
  const [secrets, configs] = await Promise.all([docker.listSecrets({ filters }), docker.listConfigs({ filters })]);
  for (const { ID } of secrets) if (!spec.includes(ID)) await found(docker.getSecret(ID).remove());
  for (const { ID } of configs) if (!spec.includes(ID)) await found(docker.getConfig(ID).remove());
}
