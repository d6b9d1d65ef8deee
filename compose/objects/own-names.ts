import { boundedName, SERVICE_NAME_LIMIT } from "../../lib/names.ts";
import type { AppSpec, ServiceSpec } from "../app-spec.ts";

type Kind = "networks" | "volumes" | "secrets" | "configs";

/**
 * An app in which all that it makes bears a name of the run's own, with a warning for each that the recipe fixed: all
 * runs of the recipe would meet in it, and an operator's app may live there. What is external is looked up by its
 * name, and what a volume driver of its own calls a volume is left to that.
 */
export function withOwnNames(app: AppSpec): AppSpec {
  const { namespace } = app;
  const warnings: string[] = [];
  const made = {
    networks: app.networks.filter(({ external }) => !external),
    volumes: app.volumes.filter(({ external, driver }) => !external && (driver ?? "local") === "local"),
    // abra makes the external ones as well.
    secrets: app.secrets,
    configs: app.configs.filter(({ external }) => !external),
  };
  const ownOf = (kind: Kind): ReadonlyMap<string, string> => {
    const fixed = made[kind].filter(({ name }) => !isOwn(name, namespace));
    const pairs = fixed.map(({ key, name }) => {
      const own = boundedName(`${namespace}_${name}`, SERVICE_NAME_LIMIT);
      warnings.push(`${kind}.${key}: the name "${name}" is not taken, a run has one of its own: ${own}`);
      return [name, own] as const;
    });
    return new Map(pairs);
  };
  const names = {
    networks: ownOf("networks"),
    volumes: ownOf("volumes"),
    secrets: ownOf("secrets"),
    configs: ownOf("configs"),
  };
  if (warnings.length === 0) return app;
  const renamed = <T extends { name: string }>(kind: Kind, list: readonly T[]): T[] =>
    list.map((one) => ({ ...one, name: names[kind].get(one.name) ?? one.name }));
  const service = (one: ServiceSpec): ServiceSpec => ({
    ...one,
    networks: renamed("networks", one.networks),
    secrets: renamed("secrets", one.secrets),
    configs: renamed("configs", one.configs),
    mounts: one.mounts.map((mount) =>
      mount.type === "volume" && mount.source
        ? { ...mount, source: names.volumes.get(mount.source) ?? mount.source }
        : mount,
    ),
    ...(one.credentialSpec?.config && {
      credentialSpec: { config: names.configs.get(one.credentialSpec.config) ?? one.credentialSpec.config },
    }),
  });
  return {
    ...app,
    services: app.services.map(service),
    networks: renamed("networks", app.networks),
    volumes: renamed("volumes", app.volumes),
    secrets: renamed("secrets", app.secrets),
    configs: renamed("configs", app.configs),
    warnings: [...app.warnings, ...warnings],
  };
}

/** Whether a name holds the namespace, or the domain it comes from. */
function isOwn(name: string, namespace: string): boolean {
  return name.replaceAll(".", "_").includes(namespace);
}
