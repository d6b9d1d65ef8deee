import { z } from "zod";
import { invalidField, isProtected, refused } from "../api/api-error.ts";
import { hostname, id, idOrName } from "../api/fields.ts";
import { type Call, created, del, ok, post, type Route } from "../api/route.ts";
import type { Project } from "../project.ts";
import { refreshFirewall } from "./firewall.ts";
import { commonRoutes } from "./kind.ts";
import { LARGEST_GROUP, members } from "./placement-groups.ts";
import { removePrimaryIp } from "./primary-ip.ts";
import { changeDnsPtr } from "./primary-ips.ts";
import { orderOf, SERVER, type Server, targetOf } from "./server.ts";
import { SERVER_CREATE_ROUTE } from "./server-create.ts";
import { SERVER_NETWORK_ROUTES } from "./server-networks.ts";
import { SERVER_POWER_ROUTES } from "./server-power.ts";
import { userData } from "./server-request.ts";

export const SERVER_ROUTES: readonly Route[] = [
  ...commonRoutes({ ...SERVER, name: hostname, update: followLabels }),
  SERVER_CREATE_ROUTE,
  ...SERVER_POWER_ROUTES,
  ...SERVER_NETWORK_ROUTES,
  del("/servers/:id", (call) => {
    const { project } = call;
    const server = project.servers.get(call.id());
    if (server.protection.delete) throw isProtected(`server ${server.id}`);
    const status = server.status;
    const action = project.actions.start("delete_server", [targetOf(server)], () => remove(project, server), {
      onFailure: () => {
        server.status = status;
      },
    });
    server.status = "deleting";
    return ok({ action });
  }),
  post("/servers/:id/actions/change_type", (call) => {
    const { project, world } = call;
    const server = project.servers.get(call.id());
    const wanted = call.json(z.object({ server_type: idOrName, upgrade_disk: z.boolean() }));
    const type = world.catalogue.serverType(wanted.server_type);
    if (server.status !== "off") throw refused("server_not_stopped", `server ${server.id} must be stopped`);
    if (type.architecture !== server.type.architecture || type.name === server.type.name)
      throw refused("invalid_server_type", `server ${server.id} can't become a ${type.name}`);
    if (type.disk < server.diskGB) throw refused("invalid_server_type", `the disk of ${type.name} is too small`);
    world.catalogue.assertOrderable(type, server.location);
    const action = project.actions.start("change_server_type", [targetOf(server)], async () => {
      await world.machines.resize(server.id, type.cores, type.memory);
      server.type = type;
      if (wanted.upgrade_disk) server.diskGB = type.disk;
    });
    return created({ action });
  }),
  post("/servers/:id/actions/rebuild", (call) => {
    const { project } = call;
    const server = project.servers.get(call.id());
    const wanted = call.json(z.object({ image: idOrName, user_data: userData.optional() }));
    const image = call.world.catalogue.image(wanted.image, server.type.architecture);
    if (server.protection.rebuild) throw isProtected(`server ${server.id}`);
    const action = project.actions.start("rebuild_server", [targetOf(server)], async () => {
      server.image = image;
      server.userData = wanted.user_data ?? server.userData;
      await rebuild(project, server);
    });
    return created({ action, root_password: null });
  }),
  post("/servers/:id/actions/change_protection", (call) => {
    const server = call.project.servers.get(call.id());
    const wanted = call.json(z.object({ delete: z.boolean().optional(), rebuild: z.boolean().optional() }));
    const { delete: kept = server.protection.delete, rebuild: unchanged = server.protection.rebuild } = wanted;
    if (kept !== unchanged) throw invalidField("rebuild", "must be the same as delete");
    return act(call, server, "change_protection", () => {
      server.protection = { delete: kept, rebuild: unchanged };
    });
  }),
  post("/servers/:id/actions/change_dns_ptr", (call) => {
    const { id: server } = call.project.servers.get(call.id());
    const own = call.project.primaryIps.all().filter(({ assigneeId }) => assigneeId === server);
    return changeDnsPtr(call, own, "server", server);
  }),
  post("/servers/:id/actions/add_to_placement_group", (call) => {
    const server = call.project.servers.get(call.id());
    const wanted = call.json(z.object({ placement_group: id }));
    const group = call.project.placementGroups.get(wanted.placement_group);
    if (server.placementGroup !== undefined)
      throw refused("already_in_placement_group", `server ${server.id} is in a placement group`);
    if (server.status !== "off") throw refused("server_not_stopped", `server ${server.id} must be stopped`);
    if (members(group.id, call.project).length >= LARGEST_GROUP)
      throw refused("placement_error", `placement group ${group.id} is full`);
    return act(call, server, "add_to_placement_group", () => {
      server.placementGroup = group.id;
    });
  }),
  post("/servers/:id/actions/remove_from_placement_group", (call) => {
    const server = call.project.servers.get(call.id());
    if (server.placementGroup === undefined) throw invalidField("id", "the server is in no placement group");
    return act(call, server, "remove_from_placement_group", () => {
      server.placementGroup = undefined;
    });
  }),
];

function act({ project }: Call, server: Server, command: string, change: () => void) {
  return created({ action: project.actions.start(command, [targetOf(server)], change) });
}

/** Takes a server away with what is only its own, and gives free what outlives it. */
async function remove(project: Project, server: Server): Promise<void> {
  const { machines } = project.world;
  for (const volume of project.volumes.all().filter((one) => one.server === server.id)) {
    await machines.detachDisk(server.id, volume.id);
    volume.server = undefined;
  }
  await machines.delete(server.id);
  project.servers.remove(server.id);
  for (const firewall of project.firewalls.all())
    firewall.appliedTo = firewall.appliedTo.filter((one) => one.type !== "server" || one.server.id !== server.id);
  for (const ip of project.primaryIps.all().filter(({ assigneeId }) => assigneeId === server.id)) {
    ip.assigneeId = undefined;
    if (ip.auto_delete) removePrimaryIp(project.world, project, ip);
  }
}

async function rebuild(project: Project, server: Server): Promise<void> {
  const { machines } = project.world;
  const wasOn = server.status === "running";
  server.status = "rebuilding";
  await machines.powerOff(server.id);
  await machines.rebuild(orderOf(server, project));
  if (wasOn) await machines.powerOn(server.id);
  server.status = wasOn ? "running" : "off";
}

/** Other labels may bring a server under another firewall. */
function followLabels(server: Server, { project, world }: Call): void {
  world.inBackground(() => refreshFirewall(project, server));
}
