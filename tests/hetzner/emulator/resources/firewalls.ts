import { z } from "zod";
import type { Action, Target } from "../actions.ts";
import { ApiError, refused } from "../api/api-error.ts";
import { id, name } from "../api/fields.ts";
import { parseSelector } from "../api/label-selector.ts";
import { labels } from "../api/labels.ts";
import { type Call, created, del, NOTHING, post, type Route } from "../api/route.ts";
import { assertUniqueName } from "../store.ts";
import { type AppliedTo, FIREWALL, type Firewall, firewallView, isSame, refreshFirewalls } from "./firewall.ts";
import { commonRoutes } from "./kind.ts";
import { primaryIpOf } from "./primary-ip.ts";

const RULES = 50;

const cidr = z.union([z.cidrv4(), z.cidrv6()], { error: "is not an address range in CIDR notation" });
const port = z
  .string()
  .refine((text) => text === "any" || isPortRange(text), "is not a port, a range of ports or any")
  .nullish();

const rule = z
  .object({
    direction: z.enum(["in", "out"]),
    protocol: z.enum(["tcp", "udp", "icmp", "esp", "gre"]),
    port,
    source_ips: z.array(cidr).max(100).default([]),
    destination_ips: z.array(cidr).max(100).default([]),
    description: z.string().max(255).nullish(),
  })
  .refine(({ protocol, port: given }) => /tcp|udp/.test(protocol) === (given != null), {
    path: ["port"],
    error: "belongs to tcp and udp alone, and is needed there",
  })
  .refine(({ direction, ...ips }) => (direction === "in" ? ips.source_ips : ips.destination_ips).length > 0, {
    error: "needs addresses",
  })
  .transform(({ port: given, ...rest }) => ({ ...rest, port: given ?? null, description: rest.description ?? null }));
const rules = z.array(rule).max(RULES, `has more than ${RULES} entries`);

const appliedTo = z.array(
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("server"), server: z.object({ id }) }),
    z.object({ type: z.literal("label_selector"), label_selector: z.object({ selector: z.string().min(1) }) }),
  ]),
);

export const FIREWALL_ROUTES: readonly Route[] = [
  ...commonRoutes(FIREWALL),
  post("/firewalls", (call) => {
    const { project, world } = call;
    const wanted = call.json(
      z.object({ name, labels: labels.default({}), rules: rules.default([]), apply_to: appliedTo.default([]) }),
    );
    assertUniqueName(project.firewalls, wanted.name);
    const own = { id: world.nextId(), created: world.now(), name: wanted.name, labels: wanted.labels };
    const firewall: Firewall = { ...own, rules: wanted.rules, appliedTo: [] };
    assertThere(call, wanted.apply_to, 422);
    project.firewalls.add(firewall);
    const actions = wanted.apply_to.map((one) => apply(call, firewall, one));
    return created({ firewall: firewallView(firewall, project), actions });
  }),
  del("/firewalls/:id", (call) => {
    const firewall = call.project.firewalls.get(call.id());
    if (firewall.appliedTo.length > 0) throw refused("resource_in_use", `firewall ${firewall.id} is still in use`);
    call.project.firewalls.remove(firewall.id);
    return NOTHING;
  }),
  post("/firewalls/:id/actions/set_rules", (call) => {
    const firewall = call.project.firewalls.get(call.id());
    firewall.rules = call.json(z.object({ rules })).rules;
    return created({ actions: [change(call, "set_firewall_rules", [targetOf(firewall)])] });
  }),
  post("/firewalls/:id/actions/apply_to_resources", (call) => {
    const firewall = call.project.firewalls.get(call.id());
    const { apply_to } = call.json(z.object({ apply_to: appliedTo }));
    assertThere(call, apply_to, 404);
    if (apply_to.some((one) => firewall.appliedTo.some((other) => isSame(one, other))))
      throw refused("firewall_already_applied", `firewall ${firewall.id} is already applied`);
    return created({ actions: apply_to.map((one) => apply(call, firewall, one)) });
  }),
  post("/firewalls/:id/actions/remove_from_resources", (call) => {
    const firewall = call.project.firewalls.get(call.id());
    const { remove_from } = call.json(z.object({ remove_from: appliedTo }));
    assertThere(call, remove_from, 404);
    assertApplied(firewall, remove_from);
    return created({ actions: remove_from.map((one) => remove(call, firewall, one)) });
  }),
];

function apply(call: Call, firewall: Firewall, one: AppliedTo): Action {
  firewall.appliedTo.push(one);
  return change(call, "apply_firewall", [targetOf(firewall), ...targetsOf(one)]);
}

function remove(call: Call, firewall: Firewall, one: AppliedTo): Action {
  firewall.appliedTo = firewall.appliedTo.filter((other) => !isSame(one, other));
  return change(call, "remove_firewall", [targetOf(firewall), ...targetsOf(one)]);
}

/** An action at whose end all machines have the rules that hold by now. */
function change({ project }: Call, command: string, resources: Target[]): Action {
  return project.actions.start(command, resources, () => refreshFirewalls(project), { locks: [] });
}

function assertThere({ project }: Call, all: readonly AppliedTo[], status: 404 | 422): void {
  for (const one of all) {
    if (one.type === "label_selector") parseSelector(one.label_selector.selector);
    else if (!project.servers.find(one.server.id))
      throw new ApiError(status, "firewall_resource_not_found", `server ${one.server.id} not found`);
    else if (!primaryIpOf(project, one.server.id, "ipv4") && !primaryIpOf(project, one.server.id, "ipv6"))
      throw refused("private_net_only_server", `server ${one.server.id} has no public interface`);
  }
}

function assertApplied(firewall: Firewall, all: readonly AppliedTo[]): void {
  for (const one of all) {
    if (firewall.appliedTo.some((other) => isSame(one, other))) continue;
    const bySelector = firewall.appliedTo.some(({ type }) => type === "label_selector");
    if (one.type === "server" && bySelector)
      throw refused("firewall_managed_by_label_selector", `server ${one.server.id} is held by a label selector`);
    throw refused("firewall_already_removed", `firewall ${firewall.id} is not applied there`);
  }
}

function targetOf({ id }: Firewall): Target {
  return { type: "firewall", id };
}

function targetsOf(one: AppliedTo): Target[] {
  return one.type === "server" ? [{ type: "server", id: one.server.id }] : [];
}

function isPortRange(text: string): boolean {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const [from, to] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  return match !== null && from >= 1 && from <= to && to <= 65_535;
}
