import { isIPv6 } from "node:net";
import { hostExec } from "../../../machine/host.ts";
import { namespacePath } from "../../../machine/network/attachment.ts";
import type { FirewallRule } from "../emulator/machines.ts";

const TABLE = "inet hetzner_firewall";

/**
 * A firewall as nft(8) takes it: before anything in the machine sees a packet of the public interface. Without a rule
 * for a direction, all that comes in is dropped, and all that goes out may go.
 */
export function ruleset(rules: readonly FirewallRule[] | undefined): string {
  // To delete a table that is not there is an error; to declare one that is there is none.
  const anew = `table ${TABLE} {}\ndelete table ${TABLE}\n`;
  if (!rules) return anew;
  const incoming = rules.filter(({ direction }) => direction === "in");
  const outgoing = rules.filter(({ direction }) => direction === "out");
  return `${anew}table ${TABLE} {
  chain in {
    type filter hook prerouting priority mangle; policy accept;
    iifname != "eth0" accept
    ct state established,related accept
${incoming.flatMap(statements).map(indented).join("\n")}
    drop
  }
${outgoing.length > 0 ? outgoingChain(outgoing) : ""}}
`;
}

/** Makes the rules hold in the network namespace of a machine, all at once. `root`: a root file system with nft in it. */
export async function applyRules(id: string, root: string, rules: readonly FirewallRule[] | undefined): Promise<void> {
  const nft = ["chroot", root, "/usr/sbin/nft", "-f", "-"];
  await hostExec(["nsenter", `--net=${namespacePath(id)}`, ...nft], { input: ruleset(rules) });
}

function outgoingChain(rules: readonly FirewallRule[]): string {
  return `  chain out {
    type filter hook postrouting priority mangle; policy accept;
    oifname != "eth0" accept
    ct state established,related accept
${rules.flatMap(statements).map(indented).join("\n")}
    drop
  }
`;
}

/** One statement for each family that the rule has addresses of. */
function statements(rule: FirewallRule): string[] {
  const [side, ips] =
    rule.direction === "in" ? (["saddr", rule.source_ips] as const) : (["daddr", rule.destination_ips] as const);
  const six = ips.filter((ip) => isIPv6(ip.split("/")[0] ?? ""));
  const four = ips.filter((ip) => !six.includes(ip));
  return [
    ...(four.length > 0 ? [`ip ${side} { ${merged(four).join(", ")} } ${match(rule, "icmp")} accept`] : []),
    ...(six.length > 0 ? [`ip6 ${side} { ${merged(six).join(", ")} } ${match(rule, "ipv6-icmp")} accept`] : []),
  ];
}

/** nft refuses a set whose ranges overlap, and everybody's range overlaps every other. */
function merged(ranges: readonly string[]): readonly string[] {
  const everybody = ranges.find((range) => range.endsWith("/0"));
  return everybody === undefined ? ranges : [everybody];
}

function match({ protocol, port }: FirewallRule, icmp: string): string {
  if (protocol === "icmp") return `meta l4proto ${icmp}`;
  return port && port !== "any" ? `${protocol} dport ${port}` : `meta l4proto ${protocol}`;
}

function indented(line: string): string {
  return `    ${line}`;
}
