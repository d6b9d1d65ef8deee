import type { AppSpec } from "../compose/app-spec.ts";
import { sharedLookups } from "../compose/labels/shared-names.ts";
import type { Swarm } from "../swarm/client.ts";
import { NAMESPACE_LABEL } from "../swarm/run-label.ts";

/**
 * What an app looks up in `proxy` by a name that is not its own alone, a line each, with who has it there as well at
 * the moment. No failure: which of them answers, Docker decides by the order of networks.
 *
 * @param proxy id of that network
 */
export async function sharedNames(swarm: Swarm, app: AppSpec, proxy: string | undefined): Promise<string[]> {
  const lookups = sharedLookups(app);
  if (lookups.length === 0 || proxy === undefined) return [];
  const services: ServiceThere[] = (await swarm.docker.listServices()) as ServiceThere[];
  return lookups.map(({ service, name, where }) => {
    const others = services.filter(({ Spec }) => {
      const aliases = (Spec?.TaskTemplate?.Networks ?? []).filter(({ Target }) => Target === proxy);
      const isOther = Spec?.Labels?.[NAMESPACE_LABEL] !== app.namespace && !Spec?.Name?.startsWith(`${app.namespace}_`);
      return isOther && aliases.some(({ Aliases }) => Aliases?.includes(name));
    });
    const who =
      others.map(({ Spec }) => Spec?.Name).join(", ") || "nobody else now, and other apps on operators' nodes";
    return `${service} looks for "${name}" in proxy (${where}), which is also the name of ${who}`;
  });
}

/** The parts of a service that are read. */
interface ServiceThere {
  Spec?: {
    Name?: string;
    Labels?: Record<string, string>;
    TaskTemplate?: { Networks?: { Target?: string; Aliases?: string[] }[] };
  };
}
