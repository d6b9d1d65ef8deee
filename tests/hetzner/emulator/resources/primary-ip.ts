import { isIPv6 } from "node:net";
import type { Location } from "../catalogue/locations.ts";
import type { Project } from "../project.ts";
import type { World } from "../world.ts";
import type { Kind, Resource } from "./kind.ts";
import type { Protected } from "./protection.ts";

/** A public address that is paid for, whether a server has it or not. */
export interface PrimaryIp extends Resource, Protected {
  type: "ipv4" | "ipv6";
  /** IPv4: the address. IPv6: the first one of its /64. */
  ip: string;
  location: Location;
  dns_ptr: { ip: string; dns_ptr: string }[];
  auto_delete: boolean;
  /** The server that has it. */
  assigneeId: number | undefined;
}

export const PRIMARY_IP: Kind<PrimaryIp> = {
  plural: "primary_ips",
  singular: "primary_ip",
  store: ({ primaryIps }) => primaryIps,
  view: primaryIpView,
  filters: { ip: ({ ip }) => ip },
};

/** An address as the API shows it. */
export function primaryIpView({ assigneeId, ...ip }: PrimaryIp) {
  return { ...ip, ip: blockOf(ip), blocked: false, assignee_type: "server", assignee_id: assigneeId ?? null };
}

/** The address, or the whole network of an IPv6 one. */
export function blockOf({ type, ip }: Pick<PrimaryIp, "type" | "ip">): string {
  return type === "ipv4" ? ip : `${ip}/64`;
}

/** The address of one kind that a server has. */
export function primaryIpOf(project: Project, server: number, type: PrimaryIp["type"]): PrimaryIp | undefined {
  return project.primaryIps.all().find((ip) => ip.assigneeId === server && ip.type === type);
}

export interface NewPrimaryIp {
  type: PrimaryIp["type"];
  location: Location;
  name?: string;
  labels?: Record<string, string>;
  auto_delete?: boolean;
  assigneeId?: number;
}

/** Gives a project another address. */
export function addPrimaryIp(project: Project, wanted: NewPrimaryIp): PrimaryIp {
  const { world } = project;
  const id = world.nextId();
  const ip = wanted.type === "ipv4" ? world.machines.freeIpv4(world.addresses) : `2001:db8:${id.toString(16)}::`;
  world.addresses.add(ip);
  const dns_ptr = wanted.type === "ipv4" ? [{ ip, dns_ptr: defaultName(ip) }] : [];
  return project.primaryIps.add({
    id,
    created: world.now(),
    name: `primary_ip-${id}`,
    labels: {},
    protection: { delete: false },
    auto_delete: false,
    assigneeId: undefined,
    ...wanted,
    ip,
    dns_ptr,
  });
}

/** Takes an address away for good. */
export function removePrimaryIp(world: World, project: Project, { id, ip }: PrimaryIp): void {
  project.primaryIps.remove(id);
  world.addresses.delete(ip);
}

/** Gives an address a name, or back the one that it had at first. */
export function setDnsPtr(primaryIp: PrimaryIp, ip: string, name: string | null | undefined): void {
  const others = primaryIp.dns_ptr.filter((entry) => entry.ip !== ip);
  const pointer = name ?? (primaryIp.type === "ipv4" ? defaultName(ip) : undefined);
  primaryIp.dns_ptr = pointer === undefined ? others : [...others, { ip, dns_ptr: pointer }];
}

/** Whether an address is this one, or in its /64. */
export function isOf(primaryIp: PrimaryIp, ip: string): boolean {
  if (primaryIp.type === "ipv4") return primaryIp.ip === ip;
  return isIPv6(ip) && ip.startsWith(primaryIp.ip.replace(/::$/, ":"));
}

function defaultName(ip: string): string {
  return `static.${ip.split(".").reverse().join(".")}.clients.your-server.de`;
}
