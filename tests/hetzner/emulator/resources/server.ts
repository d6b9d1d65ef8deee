import type { Image } from "../catalogue/images.ts";
import { imageView } from "../catalogue/images.ts";
import type { Location } from "../catalogue/locations.ts";
import type { ServerType } from "../catalogue/server-types.ts";
import type { MachineOrder } from "../machines.ts";
import type { Project } from "../project.ts";
import { firewallsOf } from "./firewall.ts";
import type { Kind, Resource } from "./kind.ts";
import { placementGroupView } from "./placement-groups.ts";
import { blockOf, type PrimaryIp, primaryIpOf } from "./primary-ip.ts";

export type ServerStatus =
  | "initializing"
  | "starting"
  | "running"
  | "stopping"
  | "off"
  | "deleting"
  | "migrating"
  | "rebuilding";

/** How a server is in one private network. */
export interface PrivateNet {
  network: number;
  ip: string;
  alias_ips: string[];
  mac_address: string;
}

export interface Server extends Resource {
  status: ServerStatus;
  type: ServerType;
  location: Location;
  image: Image;
  protection: { delete: boolean; rebuild: boolean };
  userData: string;
  /** Public keys that were given when it was made. */
  sshKeys: string[];
  privateNets: PrivateNet[];
  placementGroup: number | undefined;
  /** GB. It never shrinks. */
  diskGB: number;
  /** The firewall's rules as its machine last got them. */
  appliedRules: string | undefined;
}

export const SERVER: Kind<Server> = {
  plural: "servers",
  singular: "server",
  store: ({ servers }) => servers,
  view: serverView,
  filters: { status: ({ status }) => status },
};

/** A server as the API shows it. */
export function serverView(server: Server, project: Project) {
  const { id, name, status, created, type, location, image, labels, protection } = server;
  const group = server.placementGroup === undefined ? undefined : project.placementGroups.find(server.placementGroup);
  return {
    ...{ id, name, status, created, labels, protection, location },
    server_type: project.world.catalogue.serverTypeView(type),
    image: imageView(image),
    public_net: {
      ipv4: ipv4View(primaryIpOf(project, id, "ipv4")),
      ipv6: ipv6View(primaryIpOf(project, id, "ipv6")),
      floating_ips: [],
      firewalls: firewallsOf(project, server).map((firewall) => ({ id: firewall.id, status: "applied" })),
    },
    private_net: server.privateNets,
    volumes: project.volumes.all().flatMap((volume) => (volume.server === id ? [volume.id] : [])),
    load_balancers: [],
    placement_group: group ? placementGroupView(group, project) : null,
    primary_disk_size: server.diskGB,
    iso: null,
    rescue_enabled: false,
    locked: project.actions.isLocked(targetOf(server)),
    backup_window: null,
    ...{ outgoing_traffic: 0, ingoing_traffic: 0, included_traffic: 20 * 1024 ** 4 },
  };
}

/** A server as an action's resource. */
export function targetOf({ id }: Server) {
  return { type: "server", id };
}

/** What a server's machine is made from. */
export function orderOf(server: Server, project: Project): MachineOrder {
  const { id, name, type, userData, sshKeys } = server;
  const ipv4 = primaryIpOf(project, id, "ipv4")?.ip;
  return { id, name, cores: type.cores, memoryGiB: type.memory, ipv4, userData, sshKeys };
}

function ipv4View(ip: PrimaryIp | undefined) {
  return ip ? { id: ip.id, ip: ip.ip, blocked: false, dns_ptr: ip.dns_ptr[0]?.dns_ptr ?? "" } : null;
}

function ipv6View(ip: PrimaryIp | undefined) {
  return ip ? { id: ip.id, ip: blockOf(ip), blocked: false, dns_ptr: ip.dns_ptr } : null;
}
