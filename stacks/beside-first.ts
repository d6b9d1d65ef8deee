import type { Adaptation } from "../components/adaptation.ts";
import type { AppSpec } from "../compose/app-spec.ts";

/**
 * An app as it can stand beside another of the same recipe: without the ports that a node has once. Both are asked
 * through their networks and through Traefik.
 */
export function besideFirst(app: AppSpec): { app: AppSpec; adaptations: Adaptation[] } {
  const adaptations = app.services.flatMap(({ name: subject, ports }) =>
    ports.flatMap(({ published, protocol }): Adaptation[] => {
      if (!published) return [];
      const reason = "a node has a port once, and the first app has it";
      return [{ subject, change: `port ${published}/${protocol} is not published`, reason }];
    }),
  );
  const services = app.services.map((service) => ({
    ...service,
    ports: service.ports.filter(({ published }) => !published),
  }));
  return { app: { ...app, services }, adaptations };
}
