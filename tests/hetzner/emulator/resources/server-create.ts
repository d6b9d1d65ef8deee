import type { Action } from "../actions.ts";
import { ApiError, invalidField, notFound, refused } from "../api/api-error.ts";
import { type Call, created, post, type Route } from "../api/route.ts";
import type { Location } from "../catalogue/locations.ts";
import type { Project } from "../project.ts";
import { assertUniqueName } from "../store.ts";
import { refreshFirewall } from "./firewall.ts";
import { LARGEST_GROUP, members } from "./placement-groups.ts";
import { addPrimaryIp, type PrimaryIp, removePrimaryIp } from "./primary-ip.ts";
import { orderOf, type Server, serverView, targetOf } from "./server.ts";
import { join, plugIn } from "./server-networks.ts";
import { startServer } from "./server-power.ts";
import { type ServerRequest, serverRequest } from "./server-request.ts";
import { attachVolume, type Volume } from "./volume.ts";

export const SERVER_CREATE_ROUTE: Route = post("/servers", (call) => {
  const { project, world } = call;
  const wanted = call.json(serverRequest);
  assertUniqueName(project.servers, wanted.name);
  if (project.servers.all().length >= world.controls.serverLimit)
    throw new ApiError(403, "resource_limit_exceeded", "server limit exceeded", {
      details: { limits: [{ name: "servers" }] },
    });
  const parts = partsOf(call, wanted);
  const server = project.servers.add(newServer(call, wanted, parts.location));
  try {
    for (const network of parts.networks) join(project, server, network);
    assignAddresses(call, server, wanted, parts.addresses);
  } catch (error) {
    removeHalfMade(call, server);
    throw error;
  }
  for (const firewall of parts.firewalls) firewall.appliedTo.push({ type: "server", server: { id: server.id } });
  const action = project.actions.start("create_server", [targetOf(server)], () => makeMachine(project, server), {
    onFailure: () => {
      server.status = "off";
    },
  });
  return created({
    server: serverView(server, project),
    action,
    next_actions: nextActions(call, server, wanted, parts.volumes, action),
    root_password: parts.sshKeys.length > 0 ? null : `${server.id.toString(36)}Pw4root`,
  });
});

/** All that the request names, of this project and free to be used. @throws ApiError for what is not */
function partsOf({ project, world }: Call, wanted: ServerRequest) {
  const type = world.catalogue.serverType(wanted.server_type);
  const location = wanted.location ? world.catalogue.location(wanted.location) : world.catalogue.anyLocation(type);
  world.catalogue.image(wanted.image, type.architecture);
  world.catalogue.assertOrderable(type, location);
  assertRoomInGroup(project, wanted.placement_group);
  return {
    location,
    sshKeys: wanted.ssh_keys.map((named) => sshKey(project, named)),
    networks: wanted.networks.map((id) => project.networks.get(id)),
    firewalls: wanted.firewalls.map(({ firewall }) => project.firewalls.get(firewall)),
    volumes: wanted.volumes.map((id) => freeVolume(project, id, location)),
    addresses: [wanted.public_net.ipv4, wanted.public_net.ipv6].map((id, index) =>
      id ? freeAddress(project, id, index === 0 ? "ipv4" : "ipv6", location) : undefined,
    ),
  };
}

function newServer({ project, world }: Call, wanted: ServerRequest, location: Location): Server {
  const type = world.catalogue.serverType(wanted.server_type);
  return {
    id: world.nextId(),
    name: wanted.name,
    created: world.now(),
    labels: wanted.labels,
    status: "initializing",
    type,
    location,
    image: world.catalogue.image(wanted.image, type.architecture),
    protection: { delete: false, rebuild: false },
    userData: wanted.user_data,
    sshKeys: wanted.ssh_keys.map((named) => sshKey(project, named).public_key),
    privateNets: [],
    placementGroup: wanted.placement_group,
    diskGB: type.disk,
    appliedRules: undefined,
  };
}

/** A server has an address of each kind, unless the request says no. What it brings outlives it. */
function assignAddresses(
  { project }: Call,
  server: Server,
  { public_net }: ServerRequest,
  given: readonly (PrimaryIp | undefined)[],
): void {
  for (const [index, type] of (["ipv4", "ipv6"] as const).entries()) {
    const own = given[index];
    if (own) own.assigneeId = server.id;
    else if (public_net[`enable_${type}`])
      addPrimaryIp(project, { type, location: server.location, auto_delete: true, assigneeId: server.id });
  }
}

async function makeMachine(project: Project, server: Server): Promise<void> {
  const { world } = project;
  await world.machines.create(orderOf(server, project));
  server.status = "off";
  await refreshFirewall(project, server);
}

function nextActions(
  { project, world }: Call,
  server: Server,
  wanted: ServerRequest,
  volumes: readonly Volume[],
  first: Action,
): Action[] {
  const actions: Action[] = [];
  let after = first;
  const then = (action: Action) => {
    actions.push(action);
    after = action;
  };
  for (const net of server.privateNets) {
    const resources = [targetOf(server), { type: "network", id: net.network }];
    const plug = () => plugIn(world, project, server, net);
    then(project.actions.start("attach_to_network", resources, plug, { after, locks: [targetOf(server)] }));
  }
  for (const volume of volumes) then(attachVolume(project, volume, server, after));
  if (wanted.start_after_create) then(startServer(project, server, after));
  return actions;
}

function removeHalfMade({ project, world }: Call, server: Server): void {
  project.servers.remove(server.id);
  for (const ip of project.primaryIps.all().filter(({ assigneeId }) => assigneeId === server.id)) {
    ip.assigneeId = undefined;
    if (ip.auto_delete) removePrimaryIp(world, project, ip);
  }
}

function sshKey(project: Project, named: string) {
  const key = project.sshKeys.all().find(({ id, name }) => name === named || String(id) === named);
  if (!key) throw notFound(`ssh_key ${named}`);
  return key;
}

function freeVolume(project: Project, id: number, location: Location): Volume {
  const volume = project.volumes.get(id);
  if (volume.server !== undefined) throw refused("volume_already_attached", `volume ${id} is already attached`);
  if (volume.location.id !== location.id) throw invalidField("volumes", `volume ${id} is in another location`);
  return volume;
}

function freeAddress(project: Project, id: number, type: PrimaryIp["type"], location: Location): PrimaryIp {
  const ip = project.primaryIps.get(id);
  if (ip.type !== type) throw new ApiError(412, "primary_ip_version_mismatch", `primary IP ${id} is not ${type}`);
  if (ip.assigneeId !== undefined) throw refused("primary_ip_assigned", `primary IP ${id} is assigned already`);
  if (ip.location.id !== location.id)
    throw refused("primary_ip_datacenter_mismatch", `primary IP ${id} is in ${ip.location.name}`);
  return ip;
}

function assertRoomInGroup(project: Project, group: number | undefined): void {
  if (group === undefined) return;
  project.placementGroups.get(group);
  if (members(group, project).length >= LARGEST_GROUP)
    throw refused("placement_error", `placement group ${group} has ${LARGEST_GROUP} servers already`);
}
