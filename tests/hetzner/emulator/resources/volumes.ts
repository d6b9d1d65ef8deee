import { z } from "zod";
import { invalidField, refused } from "../api/api-error.ts";
import { id, idOrName, name } from "../api/fields.ts";
import { labels } from "../api/labels.ts";
import { type Call, created, del, NOTHING, post, type Route } from "../api/route.ts";
import type { Location } from "../catalogue/locations.ts";
import { assertUniqueName } from "../store.ts";
import { commonRoutes } from "./kind.ts";
import { assertUnprotected, protectionRoute } from "./protection.ts";
import { type Server, targetOf as serverTarget } from "./server.ts";
import { attachVolume, targetOf, VOLUME, type Volume, volumeView } from "./volume.ts";

/** Volumes that one server has at most. */
const PER_SERVER = 16;

const size = z.number().int().min(10, "must be at least 10").max(10_240, "must be at most 10240");
const request = z.object({
  name,
  size,
  labels: labels.default({}),
  location: idOrName.optional(),
  server: id.optional(),
  automount: z.boolean().default(false),
  format: z.enum(["ext4", "xfs"]).nullish(),
});

export const VOLUME_ROUTES: readonly Route[] = [
  ...commonRoutes(VOLUME),
  protectionRoute(VOLUME),
  post("/volumes", (call) => {
    const { project, world } = call;
    const wanted = call.json(request);
    assertUniqueName(project.volumes, wanted.name);
    const server = wanted.server === undefined ? undefined : project.servers.get(wanted.server);
    if (server) assertRoom(call, server);
    const location = whereabouts(call, wanted.location, server);
    const volume = project.volumes.add({
      id: world.nextId(),
      created: world.now(),
      ...{ name: wanted.name, labels: wanted.labels, size: wanted.size, format: wanted.format ?? null, location },
      protection: { delete: false },
      status: "creating",
      server: undefined,
    });
    const action = project.actions.start("create_volume", [targetOf(volume)], async () => {
      await world.machines.createDisk({ id: volume.id, sizeGB: volume.size, format: volume.format });
      volume.status = "available";
    });
    const next_actions = server ? [attachVolume(project, volume, server, action)] : [];
    return created({ volume: volumeView(volume), action, next_actions });
  }),
  del("/volumes/:id", (call) => {
    const { project, world } = call;
    const volume = project.volumes.get(call.id());
    assertUnprotected(volume, "volume");
    project.actions.assertFree(targetOf(volume));
    if (volume.server !== undefined) throw refused("service_error", `volume ${volume.id} is still attached`);
    project.volumes.remove(volume.id);
    world.inBackground(() => world.machines.deleteDisk(volume.id));
    return NOTHING;
  }),
  post("/volumes/:id/actions/attach", (call) => {
    const volume = call.project.volumes.get(call.id());
    const wanted = call.json(z.object({ server: id, automount: z.boolean().optional() }));
    const server = call.project.servers.get(wanted.server);
    if (volume.server !== undefined)
      throw refused("volume_already_attached", `volume ${volume.id} is already attached to a server`);
    if (volume.location.id !== server.location.id) throw invalidField("server", "is in another location");
    assertRoom(call, server);
    return created({ action: attachVolume(call.project, volume, server) });
  }),
  post("/volumes/:id/actions/detach", (call) => {
    const { project, world } = call;
    const volume = project.volumes.get(call.id());
    const server = project.servers.find(volume.server ?? 0);
    if (!server) throw refused("service_error", `volume ${volume.id} is not attached to a server`);
    const action = project.actions.start("detach_volume", [targetOf(volume), serverTarget(server)], async () => {
      await world.machines.detachDisk(server.id, volume.id);
      volume.server = undefined;
    });
    return created({ action });
  }),
  post("/volumes/:id/actions/resize", (call) => {
    const { project, world } = call;
    const volume = project.volumes.get(call.id());
    const wanted = call.json(z.object({ size }));
    if (wanted.size <= volume.size) throw invalidField("size", `must be more than ${volume.size}`);
    const action = project.actions.start("resize_volume", [targetOf(volume)], async () => {
      await world.machines.resizeDisk(volume.id, wanted.size);
      volume.size = wanted.size;
    });
    return created({ action });
  }),
];

function whereabouts({ world }: Call, location: string | undefined, server: Server | undefined): Location {
  if (server && location) throw invalidField("location", "must not be given with a server");
  if (server) return server.location;
  if (!location) throw invalidField("location", "is needed without a server");
  return world.catalogue.location(location);
}

function assertRoom({ project }: Call, server: Server): void {
  const own = project.volumes.all().filter((volume: Volume) => volume.server === server.id);
  if (own.length >= PER_SERVER) throw refused("service_error", `server ${server.id} has ${PER_SERVER} volumes already`);
}
