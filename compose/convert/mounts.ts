import { UserError } from "../../lib/errors.ts";
import type { Mount, ServiceSpec, VolumeSpec } from "../app-spec.ts";
import type { CanonicalCompose, CanonicalMount, CanonicalVolume } from "../files/canonical.ts";
import { undeclared } from "./refusals.ts";
import { byKey, finalName, NAMESPACE_LABEL, sortKeys } from "./scoped-names.ts";

/** Types that docker/cli lets through and the node can't mount, and what to do instead. */
const UNMOUNTABLE: Record<string, { why: string; remedy: string }> = {
  image: {
    why: "no Swarm mounts an image; a plain container does, from Docker 28.0 (API 1.48) on",
    remedy: "copy what it holds into the service's own image, or into a volume",
  },
  npipe: { why: "a named pipe is of Windows, and a node runs Linux", remedy: "bind a socket's path" },
};

/**
 * A service's mounts in the recipe's order (docker/cli, cli/compose/convert/volume.go). Swarm makes a volume from
 * its mount, so the mount carries the volume's labels and driver.
 * @throws UserError for a volume that is not declared, and for a mount that docker/cli or every node refuses
 */
export function convertMounts(service: string, compose: CanonicalCompose, namespace: string): Mount[] {
  const key = `services.${service}.volumes`;
  const mounts = compose.services?.[service]?.volumes ?? [];
  return mounts.map((mount) => {
    assertMountable(mount, key);
    const common = { target: mount.target, readOnly: mount.read_only };
    switch (mount.type) {
      case "volume":
        return { type: "volume", ...volumeSource(mount, compose, namespace, key), ...common };
      case "cluster":
        return { type: "cluster", source: clusterSource(mount, compose, namespace, key), ...common };
      case "tmpfs":
        return { type: "tmpfs", ...common, tmpfs: mount.tmpfs?.size ? { sizeBytes: mount.tmpfs.size } : undefined };
      default:
        return { type: "bind", source: mount.source, ...common, bind: mount.bind };
    }
  });
}

/** The named volumes that some service mounts; Swarm makes no other, and none of a cluster. */
export function convertVolumes(
  compose: CanonicalCompose,
  services: readonly ServiceSpec[],
  namespace: string,
): VolumeSpec[] {
  const mounts = services.flatMap((service) => service.mounts);
  const mounted = new Set(mounts.filter(({ type }) => type === "volume").map(({ source }) => source));
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

function assertMountable(mount: CanonicalMount, key: string): void {
  const refuse = (why: string, remedy: string) =>
    new UserError(`type "${mount.type}" at ${mount.target}: ${why}`, { place: { key }, remedy });
  const unmountable = Object.hasOwn(UNMOUNTABLE, mount.type) && UNMOUNTABLE[mount.type];
  if (unmountable) throw refuse(unmountable.why, unmountable.remedy);
  if (!["volume", "bind", "tmpfs", "cluster"].includes(mount.type)) {
    throw refuse("is unknown", "write volume, bind or tmpfs");
  }
  const foreign = (["volume", "bind", "tmpfs"] as const).find((type) => type !== mount.type && mount[type]);
  if (foreign) throw refuse(`has options of type ${foreign}`, `take out ${foreign}:`);
  if (mount.type === "tmpfs" && mount.source) throw refuse("has a source", "take it out");
}

function volumeSource(
  mount: CanonicalMount,
  compose: CanonicalCompose,
  namespace: string,
  key: string,
): Pick<Mount, "source" | "volume"> {
  if (!mount.source) return {};
  const volume = declared(mount.source, compose, key);
  const own = { noCopy: mount.volume?.nocopy, subpath: mount.volume?.subpath };
  const source = finalName(volume, mount.source, namespace);
  if (volume.external) return { source, volume: own };
  const labels = sortKeys({ ...volume.labels, [NAMESPACE_LABEL]: namespace });
  const driver =
    volume.driver || volume.driver_opts ? { name: volume.driver ?? "", options: volume.driver_opts ?? {} } : undefined;
  return { source, volume: { ...own, labels, driver } };
}

/** A group of cluster volumes has its name from the operators, and is declared nowhere. */
function clusterSource(mount: CanonicalMount, compose: CanonicalCompose, namespace: string, key: string): string {
  const source = mount.source ?? "";
  return source.startsWith("group:") ? source : finalName(declared(source, compose, key), source, namespace);
}

function declared(source: string, compose: CanonicalCompose, key: string): CanonicalVolume {
  if (!Object.hasOwn(compose.volumes ?? {}, source)) throw undeclared("volume", source, key);
  return compose.volumes?.[source] ?? {};
}
