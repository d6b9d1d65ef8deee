import { parseSelector } from "../api/label-selector.ts";
import type { FirewallRule } from "../machines.ts";
import type { Project } from "../project.ts";
import type { Kind, Resource } from "./kind.ts";
import type { Server } from "./server.ts";

/** What a firewall is applied to: one server, or all that a selector names. */
export type AppliedTo =
  | { type: "server"; server: { id: number } }
  | { type: "label_selector"; label_selector: { selector: string } };

export interface Firewall extends Resource {
  rules: FirewallRule[];
  appliedTo: AppliedTo[];
}

export const FIREWALL: Kind<Firewall> = {
  plural: "firewalls",
  singular: "firewall",
  store: ({ firewalls }) => firewalls,
  view: firewallView,
};

/** A firewall as the API shows it. */
export function firewallView({ appliedTo, ...firewall }: Firewall, project: Project) {
  return {
    ...firewall,
    applied_to: appliedTo.map((one) =>
      one.type === "server"
        ? one
        : {
            ...one,
            applied_to_resources: project.servers
              .all()
              .filter((server) => concerns(one, server))
              .map(({ id }) => ({ type: "server", server: { id } })),
          },
    ),
  };
}

/** Whether a firewall holds on a server by this entry. */
export function concerns(one: AppliedTo, server: Server): boolean {
  if (one.type === "server") return one.server.id === server.id;
  return parseSelector(one.label_selector.selector)(server.labels);
}

export function isSame(a: AppliedTo, b: AppliedTo): boolean {
  if (a.type === "server") return b.type === "server" && a.server.id === b.server.id;
  return b.type === "label_selector" && a.label_selector.selector === b.label_selector.selector;
}

/** The firewalls that hold on a server. */
export function firewallsOf(project: Project, server: Server): Firewall[] {
  return project.firewalls.all().filter(({ appliedTo }) => appliedTo.some((one) => concerns(one, server)));
}

/** Brings the rules on a server's machine to what all its firewalls together say; does nothing when they are so. */
export async function refreshFirewall(project: Project, server: Server): Promise<void> {
  const firewalls = firewallsOf(project, server);
  const rules = firewalls.length === 0 ? undefined : firewalls.flatMap((firewall) => firewall.rules);
  const text = rules && JSON.stringify(rules);
  if (text === server.appliedRules || project.servers.find(server.id) !== server) return;
  server.appliedRules = text;
  await project.world.machines.applyFirewall(server.id, rules);
}

export async function refreshFirewalls(project: Project): Promise<void> {
  for (const server of project.servers.all()) await refreshFirewall(project, server);
}
