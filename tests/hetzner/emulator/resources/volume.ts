import type { Action } from "../actions.ts";
import type { Location } from "../catalogue/locations.ts";
import type { Project } from "../project.ts";
import type { Kind, Resource } from "./kind.ts";
import type { Protected } from "./protection.ts";
import { type Server, targetOf as serverTarget } from "./server.ts";

/** A disk that outlives the servers that it is in. */
export interface Volume extends Resource, Protected {
  /** GB. */
  size: number;
  format: "ext4" | "xfs" | null;
  location: Location;
  status: "creating" | "available";
  /** The server that it is in. */
  server: number | undefined;
}

export const VOLUME: Kind<Volume> = {
  plural: "volumes",
  singular: "volume",
  store: ({ volumes }) => volumes,
  view: volumeView,
  filters: { status: ({ status }) => status },
};

/** A volume as the API shows it. */
export function volumeView({ server, ...volume }: Volume) {
  return { ...volume, server: server ?? null, linux_device: `/dev/disk/by-id/scsi-0HC_Volume_${volume.id}` };
}

export function targetOf({ id }: Volume) {
  return { type: "volume", id };
}

/** Puts a volume into a server. */
export function attachVolume(project: Project, volume: Volume, server: Server, after?: Action): Action {
  const attach = async () => {
    await project.world.machines.attachDisk(server.id, volume.id);
    volume.server = server.id;
  };
  return project.actions.start("attach_volume", [targetOf(volume), serverTarget(server)], attach, { after });
}
