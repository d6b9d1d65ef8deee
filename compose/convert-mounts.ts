import { UserError } from "../lib/errors.ts";
import type { Mount, ServiceSpec, VolumeSpec } from "./app-spec.ts";
import type { CanonicalCompose, CanonicalMount } from "./canonical.ts";
import { byKey, finalName, NAMESPACE_LABEL, sortKeys } from "./convert-names.ts";

/**
 * A service's mounts in the recipe's order (docker/cli, cli/compose/convert/volume.go). Swarm makes a volume from
 * its mount, so the mount carries the volume's labels and driver.
 * @throws UserError for a volume that is not declared
 */
export function convertMounts(service: string, compose: CanonicalCompose, namespace: string): Mount[] {
  const mounts = compose.services?.[service]?.volumes ?? [];
  return mounts.map((mount) => {
    const common = { target: mount.target, readOnly: mount.read_only, consistency: mount.consistency };
    switch (mount.type) {
      case "volume":
        return { type: "volume", ...volumeSource(service, mount, compose, namespace), ...common };
      case "cluster":
        return { type: "cluster", ...clusterSource(mount, compose, namespace), ...common };
      case "tmpfs":
        return { type: "tmpfs", ...common, tmpfs: mount.tmpfs?.size ? { sizeBytes: mount.tmpfs.size } : undefined };
      case "bind":
      case "npipe":
      case "image":
        return { type: mount.type, source: mount.source, ...common, bind: bindOptions(mount) };
      default:
        throw new UserError(`mount type "${mount.type}" is unknown`, { place: { key: `services.${service}.volumes` } });
    }
  });
}

/** The named volumes that some service mounts; Swarm makes no other. */
export function convertVolumes(
  compose: CanonicalCompose,
  services: readonly ServiceSpec[],
  namespace: string,
): VolumeSpec[] {
  const mounted = new Set(services.flatMap((service) => service.mounts.map((mount) => mount.source)));
  return Object.entries(compose.volumes ?? {})
    .map(([key, volume]) => ({
      key,
      name: finalName(volume, key, namespace),
      external: volume?.external ?? false,
      driver: volume?.driver || undefined,
      driverOpts: volume?.driver_opts ?? {},
      labels: volume?.external ? {} : sortKeys({ ...volume?.labels, [NAMESPACE_LABEL]: namespace }),
    }))
    .filter(({ name }) => mounted.has(name))
    .sort((a, b) => byKey([a.key, a], [b.key, b]));
}

function volumeSource(
  service: string,
  mount: CanonicalMount,
  compose: CanonicalCompose,
  namespace: string,
): Pick<Mount, "source" | "volume"> {
  if (!mount.source) return {};
  if (!(mount.source in (compose.volumes ?? {}))) {
    throw new UserError(`volume "${mount.source}" is not declared`, {
      place: { key: `services.${service}.volumes` },
      remedy: "declare it under the top-level volumes",
    });
  }
  const volume = compose.volumes?.[mount.source] ?? {};
  const own = { noCopy: mount.volume?.nocopy, subpath: mount.volume?.subpath };
  const source = finalName(volume, mount.source, namespace);
  if (volume.external) return { source, volume: own };
  const labels = sortKeys({ ...volume.labels, [NAMESPACE_LABEL]: namespace });
  const driver =
    volume.driver || volume.driver_opts ? { name: volume.driver ?? "", options: volume.driver_opts ?? {} } : undefined;
  return { source, volume: { ...own, labels, driver } };
}

function clusterSource(mount: CanonicalMount, compose: CanonicalCompose, namespace: string): Pick<Mount, "source"> {
  const source = mount.source ?? "";
  if (source.startsWith("group:")) return { source };
  return { source: finalName(compose.volumes?.[source], source, namespace) };
}

function bindOptions(mount: CanonicalMount): Mount["bind"] {
  if (!mount.bind) return undefined;
  return { propagation: mount.bind.propagation, createHostPath: mount.bind.create_host_path };
}
