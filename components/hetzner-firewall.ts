import type * as hcloud from "@pulumi/hcloud";

/**
 * What is let in from the internet: ssh, and what recipes publish. Swarm's own ports are not among it: they are open in
 * the private network, which no firewall of Hetzner's concerns.
 */
export function openPorts(sshFrom: readonly string[]): hcloud.types.input.FirewallRule[] {
  const everywhere = ["0.0.0.0/0", "::/0"];
  const rules: [port: string, sourceIps: string[]][] = [
    ["22", [...sshFrom]],
    ["80", everywhere],
    ["443", everywhere],
  ];
  return rules.map(([port, sourceIps]) => ({ direction: "in", protocol: "tcp", port, sourceIps }));
}
