import type { Swarm } from "./client.ts";
import { ofEach } from "./engines.ts";
import { RUN_LABEL, SERVICE_ID_LABEL } from "./run-label.ts";

/** A port that something on the node has taken. */
export interface TakenPort {
  /** `8080/tcp` */
  port: string;
  /** `service wiki_app`, `container db` */
  holder: string;
  /** The run it belongs to. */
  run?: string;
}

interface Port {
  Protocol?: string;
  PublishedPort?: number;
}

/** Ports that services and containers of their own publish on the nodes, in either mode. */
export async function publishedPorts(swarm: Swarm): Promise<TakenPort[]> {
  const [services, lists] = await Promise.all([
    swarm.docker.listServices(),
    ofEach(swarm, ({ docker }) => docker.listContainers()),
  ]);
  const containers = lists.flat();
  const ofServices = services.flatMap(({ Spec, Endpoint }) => {
    const ports: Port[] = [...(Spec?.EndpointSpec?.Ports ?? []), ...(Endpoint?.Ports ?? [])];
    const holder = { holder: `service ${Spec?.Name}`, run: Spec?.Labels?.[RUN_LABEL] };
    return ports.flatMap(({ PublishedPort, Protocol = "tcp" }) =>
      PublishedPort ? [{ port: `${PublishedPort}/${Protocol}`, ...holder }] : [],
    );
  });
  const ofContainers = containers
    .filter(({ Labels }) => !Labels[SERVICE_ID_LABEL])
    .flatMap(({ Ports, Names, Labels }) => {
      const holder = { holder: `container ${Names[0]?.slice(1)}`, run: Labels[RUN_LABEL] };
      return Ports.flatMap(({ PublicPort, Type }) =>
        PublicPort ? [{ port: `${PublicPort}/${Type}`, ...holder }] : [],
      );
    });
  const seen = new Map([...ofServices, ...ofContainers].map((one) => [`${one.port} ${one.holder}`, one]));
  return [...seen.values()];
}
