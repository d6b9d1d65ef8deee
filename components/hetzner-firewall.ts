import type * as hcloud from "@pulumi/hcloud";
import type { EntryPoint } from "../swarm/entry/labels.ts";

/**
 * What is let in from the internet: ssh, and the ports of Traefik. Swarm's own ports are not among it: they are open in
 * the private network, which no firewall of Hetzner's concerns.
 */
export function openPorts(
  sshFrom: readonly string[],
  entryPoints: readonly EntryPoint[],
): hcloud.types.input.FirewallRule[] {
  const everywhere = ["0.0.0.0/0", "::/0"];
  const rules: [port: string, sourceIps: string[], protocol?: string][] = [
    ["22", [...sshFrom]],
    ["80", everywhere],
    ["443", everywhere],
    ...entryPoints.map(({ port, protocol }): [string, string[], string] => [String(port), everywhere, protocol]),
  ];
  return rules.map(([port, sourceIps, protocol = "tcp"]) => ({ direction: "in", protocol, port, sourceIps }));
}
