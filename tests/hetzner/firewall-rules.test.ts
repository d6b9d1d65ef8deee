import { describe, expect, it } from "vitest";
import type { FirewallRule } from "./emulator/machines.ts";
import { ruleset } from "./machines/firewall-rules.ts";

const rule = (more: Partial<FirewallRule>): FirewallRule => ({
  direction: "in",
  protocol: "tcp",
  port: "22",
  source_ips: ["0.0.0.0/0", "::/0"],
  destination_ips: [],
  ...more,
});

describe("a firewall's rules", () => {
  it("are statements for each family, before a drop of all else", () => {
    const rules = [
      rule({}),
      rule({ protocol: "udp", port: "80-85", source_ips: ["10.0.0.0/8", "192.168.1.1/32"] }),
      rule({ protocol: "icmp", port: null }),
      rule({ port: "any", source_ips: ["10.0.0.0/8", "0.0.0.0/0"] }),
    ];
    expect(ruleset(rules)).toMatchInlineSnapshot(`
      "table inet hetzner_firewall {}
      delete table inet hetzner_firewall
      table inet hetzner_firewall {
        chain in {
          type filter hook prerouting priority mangle; policy accept;
          iifname != "eth0" accept
          ct state established,related accept
          ip saddr { 0.0.0.0/0 } tcp dport 22 accept
          ip6 saddr { ::/0 } tcp dport 22 accept
          ip saddr { 10.0.0.0/8, 192.168.1.1/32 } udp dport 80-85 accept
          ip saddr { 0.0.0.0/0 } meta l4proto icmp accept
          ip6 saddr { ::/0 } meta l4proto ipv6-icmp accept
          ip saddr { 0.0.0.0/0 } meta l4proto tcp accept
          drop
        }
      }
      "
    `);
  });

  it("hold for what goes out only where one is about that", () => {
    const out = rule({ direction: "out", port: "443", source_ips: [], destination_ips: ["198.51.100.0/24"] });
    expect(ruleset([out])).toMatchInlineSnapshot(`
      "table inet hetzner_firewall {}
      delete table inet hetzner_firewall
      table inet hetzner_firewall {
        chain in {
          type filter hook prerouting priority mangle; policy accept;
          iifname != "eth0" accept
          ct state established,related accept

          drop
        }
        chain out {
          type filter hook postrouting priority mangle; policy accept;
          oifname != "eth0" accept
          ct state established,related accept
          ip daddr { 198.51.100.0/24 } tcp dport 443 accept
          drop
        }
      }
      "
    `);
    expect(ruleset([])).not.toContain("postrouting");
  });

  it("are none without a firewall, where with an empty one all is dropped", () => {
    expect(ruleset(undefined)).not.toContain("drop");
    expect(ruleset([])).toContain("drop");
  });
});
