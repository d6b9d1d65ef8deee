import type { Engine, Swarm } from "../client.ts";
import { listTasks } from "../task.ts";
import { AUTHORITY, ENTRY_LABELS } from "./labels.ts";

/** The way into a Swarm that its users' requests take: its Traefik. */
export interface Entry {
  /** Names one label below it lead to Traefik, which has a certificate for them. */
  baseDomain: string;
  /** Address at which Traefik listens. */
  address: string;
  /** Port of `web-secure` there. */
  port: number;
  /** Certificate of the authority that signed Traefik's, as PEM. */
  ca: string;
  /** Names of its entry points. */
  entryPoints: readonly string[];
}

/**
 * The way into a Swarm, as its Traefik's labels and a config of the Swarm say: who reaches a manager finds it. Undefined
 * where the platform has no Traefik.
 *
 * @throws InfraError when the engine does not answer
 */
export async function findEntry(swarm: Swarm): Promise<Entry | undefined> {
  const { docker } = swarm;
  const filters = { label: [ENTRY_LABELS.platform] };
  const [services, configs] = await Promise.all([docker.listServices({ filters }), docker.listConfigs({ filters })]);
  const service = services.find(({ Spec }) => Spec?.Labels?.[ENTRY_LABELS.platform] === "traefik");
  const authority = configs.find(({ Spec }) => Spec?.Labels?.[ENTRY_LABELS.platform] === AUTHORITY);
  const labels = service?.Spec?.Labels;
  if (!service || !labels || !authority) return undefined;
  const more = (labels[ENTRY_LABELS.entryPoints] ?? "").split(",").filter(Boolean);
  return {
    baseDomain: labels[ENTRY_LABELS.baseDomain] ?? "",
    address: labels[ENTRY_LABELS.address] ?? "",
    port: (await publishedPort(swarm, service.ID, 443)) ?? 443,
    ca: Buffer.from(authority.Spec?.Data ?? "", "base64").toString(),
    entryPoints: ["web", "web-secure", ...more.map((one) => one.split("=", 1)[0] ?? "")],
  };
}

/** Port of the node under which a service's own is reached, where the engine has one for it. */
async function publishedPort(swarm: Engine, service: string, target: number): Promise<number | undefined> {
  const { Endpoint } = await swarm.docker.getService(service).inspect();
  const ports: Published[] = Endpoint?.Ports ?? [];
  const own = ports.find(({ TargetPort, PublishedPort }) => TargetPort === target && PublishedPort)?.PublishedPort;
  if (own) return own;
  const running = (await listTasks(swarm, [service])).filter(({ Status }) => Status.State === "running");
  const ofTasks = running.flatMap(({ Status }) => Status.PortStatus?.Ports ?? []);
  return ofTasks.find(({ TargetPort }) => TargetPort === target)?.PublishedPort;
}

interface Published {
  TargetPort?: number;
  PublishedPort?: number;
}
