import * as hcloud from "@pulumi/hcloud";
import type * as pulumi from "@pulumi/pulumi";

/** Where a node's names are. */
export interface HetznerDomain {
  /** Domain whose records are kept at Hetzner: one that was registered, no subdomain. */
  zone: string;
  /** The node's name in it. */
  name: string;
}

export interface HetznerRecordsArgs extends HetznerDomain {
  labels: pulumi.Input<Record<string, pulumi.Input<string>>>;
  ip: hcloud.PrimaryIp;
}

/** Seconds for which others remember an address: a node comes and goes. */
const TTL = 60;

/** The node's name and all below it lead to its address, and that address is called by the name. */
export function hetznerRecords(
  resource: string,
  { zone, name, labels, ip }: HetznerRecordsArgs,
  options: pulumi.CustomResourceOptions,
): void {
  const records = [{ value: ip.ipAddress }];
  for (const [suffix, own] of [
    ["domain", name],
    ["wildcard", `*.${name}`],
  ] as const) {
    const args = { zone, name: own, type: "A", ttl: TTL, records, labels };
    new hcloud.ZoneRrset(`${resource}-${suffix}`, args, options);
  }
  const pointer = { primaryIpId: ip.id.apply(Number), ipAddress: ip.ipAddress, dnsPtr: `${name}.${zone}` };
  new hcloud.Rdns(`${resource}-pointer`, pointer, options);
}
