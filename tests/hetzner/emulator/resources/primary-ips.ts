import { z } from "zod";
import { invalidField, isProtected, notFound, refused } from "../api/api-error.ts";
import { goneDatacenter, id, idOrName, ip, name } from "../api/fields.ts";
import { labels } from "../api/labels.ts";
import { type Call, created, del, NOTHING, post, type Route } from "../api/route.ts";
import { assertUniqueName } from "../store.ts";
import { commonRoutes } from "./kind.ts";
import {
  addPrimaryIp,
  isOf,
  PRIMARY_IP,
  type PrimaryIp,
  primaryIpOf,
  primaryIpView,
  removePrimaryIp,
  setDnsPtr,
} from "./primary-ip.ts";
import { protectionRoute } from "./protection.ts";
import type { Server } from "./server.ts";

const request = z
  .object({
    name,
    type: z.enum(["ipv4", "ipv6"]),
    assignee_type: z.literal("server").optional(),
    assignee_id: id.nullish(),
    location: idOrName.optional(),
    datacenter: goneDatacenter,
    labels: labels.default({}),
    auto_delete: z.boolean().default(false),
  })
  .refine(({ assignee_type, assignee_id }) => !assignee_id || assignee_type !== undefined, {
    path: ["assignee_type"],
    error: "is needed with an assignee",
  });
const assignment = z.object({ assignee_type: z.literal("server"), assignee_id: id });

export const PRIMARY_IP_ROUTES: readonly Route[] = [
  ...commonRoutes({ ...PRIMARY_IP, update: updateAutoDelete }),
  protectionRoute(PRIMARY_IP),
  post("/primary_ips", (call) => {
    const { project, world } = call;
    const { assignee_id, location, datacenter: _, assignee_type: _type, ...wanted } = call.json(request);
    assertUniqueName(project.primaryIps, wanted.name);
    const server = assignee_id ? project.servers.get(assignee_id) : undefined;
    if (server) assertAssignable(call, server, wanted.type);
    if (!server && location === undefined) throw invalidField("location", "is needed without an assignee");
    const where = server?.location ?? world.catalogue.location(location ?? "");
    const primaryIp = addPrimaryIp(project, { ...wanted, location: where });
    if (!server) return created({ primary_ip: primaryIpView(primaryIp) });
    const action = assign(call, primaryIp, server);
    return created({ primary_ip: primaryIpView(primaryIp), action });
  }),
  del("/primary_ips/:id", (call) => {
    const { project, world } = call;
    const primaryIp = project.primaryIps.get(call.id());
    if (primaryIp.protection.delete) throw isProtected(`primary IP ${primaryIp.id}`);
    if (primaryIp.assigneeId !== undefined)
      throw refused("must_be_unassigned", `primary IP ${primaryIp.id} must be unassigned`);
    removePrimaryIp(world, project, primaryIp);
    return NOTHING;
  }),
  post("/primary_ips/:id/actions/assign", (call) => {
    const primaryIp = call.project.primaryIps.get(call.id());
    const server = call.project.servers.get(call.json(assignment).assignee_id);
    if (primaryIp.assigneeId !== undefined)
      throw refused("primary_ip_already_assigned", `primary IP ${primaryIp.id} is already assigned`);
    assertAssignable(call, server, primaryIp.type);
    if (primaryIp.location.id !== server.location.id)
      throw invalidField("assignee_id", "the server is in another location");
    return created({ action: assign(call, primaryIp, server) });
  }),
  post("/primary_ips/:id/actions/unassign", (call) => {
    const { project, world } = call;
    const primaryIp = project.primaryIps.get(call.id());
    const server = project.servers.find(primaryIp.assigneeId ?? 0);
    if (!server) throw invalidField("id", `primary IP ${primaryIp.id} is not assigned`);
    assertStopped(server);
    const action = project.actions.start("unassign_primary_ip", targets(primaryIp, server), async () => {
      primaryIp.assigneeId = undefined;
      if (primaryIp.type === "ipv4") await world.machines.setIpv4(server.id, undefined);
    });
    return created({ action });
  }),
  post("/primary_ips/:id/actions/change_dns_ptr", (call) =>
    changeDnsPtr(call, [call.project.primaryIps.get(call.id())], "primary_ip", call.id()),
  ),
];

/** Gives one of the addresses a name; used by servers as well. @throws ApiError 404 where it is none of them */
export function changeDnsPtr(call: Call, addresses: readonly PrimaryIp[], type: string, target: number) {
  const wanted = call.json(z.object({ ip, dns_ptr: z.string().nullish() }));
  const primaryIp = addresses.find((one) => isOf(one, wanted.ip));
  if (!primaryIp) throw notFound(`IP ${wanted.ip}`);
  const change = () => setDnsPtr(primaryIp, wanted.ip, wanted.dns_ptr);
  const resources = [{ type, id: target }];
  return created({ action: call.project.actions.start("change_dns_ptr", resources, change, { locks: [] }) });
}

function assertAssignable({ project }: Call, server: Server, type: PrimaryIp["type"]): void {
  assertStopped(server);
  if (primaryIpOf(project, server.id, type))
    throw refused(type === "ipv4" ? "server_has_ipv4" : "server_has_ipv6", `server ${server.id} has one already`);
}

function assertStopped(server: Server): void {
  if (server.status !== "off") throw refused("server_not_stopped", `server ${server.id} must be stopped`);
}

function assign({ project, world }: Call, primaryIp: PrimaryIp, server: Server) {
  return project.actions.start("assign_primary_ip", targets(primaryIp, server), async () => {
    primaryIp.assigneeId = server.id;
    if (primaryIp.type === "ipv4") await world.machines.setIpv4(server.id, primaryIp.ip);
  });
}

function targets(primaryIp: PrimaryIp, server: Server) {
  return [
    { type: "primary_ip", id: primaryIp.id },
    { type: "server", id: server.id },
  ];
}

function updateAutoDelete(primaryIp: PrimaryIp, call: Call): void {
  primaryIp.auto_delete =
    call.json(z.object({ auto_delete: z.boolean().optional() })).auto_delete ?? primaryIp.auto_delete;
}
