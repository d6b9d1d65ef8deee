import * as hcloud from "@pulumi/hcloud";
import { type CustomResourceOptions, type Output, secret } from "@pulumi/pulumi";

/** What can be different from one `up` to the next. */
export interface Example {
  endpoint: string;
  token: string;
  publicKey: string;
  servers: readonly string[];
  serverType: string;
  userData: string;
  labels: Record<string, string>;
  /** Ports that are open to everybody. */
  ports: readonly string[];
  /** Address of the wildcard's second record. */
  second: string;
}

/** What it is when nobody says otherwise: two servers. */
export const EXAMPLE: Omit<Example, "endpoint" | "token" | "publicKey"> = {
  servers: ["manager", "worker"],
  serverType: "cx23",
  userData: "#cloud-config\n{}\n",
  labels: { "managed-by": "recipe-ci" },
  ports: ["22", "80"],
  second: "198.51.100.9",
};

const LOCATION = "fsn1";

/**
 * A stack with one of each kind of resource that a node at Hetzner has. All of it goes through the real provider; what
 * is here are its arguments.
 */
export function exampleStack(example: Example): Record<string, Output<unknown>> {
  const { endpoint, token, labels } = example;
  const args = { endpoint, token: secret(token), pollInterval: "20ms", pollFunction: "constant" };
  const options: CustomResourceOptions = { provider: new hcloud.Provider("hetzner", args) };
  const key = new hcloud.SshKey("key", { publicKey: example.publicKey, labels }, options);
  const network = new hcloud.Network("network", { ipRange: "10.0.0.0/16", labels }, options);
  const subnet = new hcloud.NetworkSubnet(
    "subnet",
    { networkId: network.id.apply(Number), type: "cloud", networkZone: "eu-central", ipRange: "10.0.1.0/24" },
    options,
  );
  const firewall = new hcloud.Firewall("firewall", { labels, rules: example.ports.map(open) }, options);
  const group = new hcloud.PlacementGroup("group", { type: "spread", labels }, options);
  const address = new hcloud.PrimaryIp(
    "address",
    { type: "ipv4", assigneeType: "server", location: LOCATION, autoDelete: false, labels },
    options,
  );
  const servers = example.servers.map(
    (name, index) =>
      new hcloud.Server(
        name,
        {
          name,
          labels,
          serverType: example.serverType,
          image: "debian-13",
          location: LOCATION,
          sshKeys: [key.id],
          userData: example.userData,
          firewallIds: [firewall.id.apply(Number)],
          placementGroupId: group.id.apply(Number),
          networks: [{ networkId: network.id.apply(Number), ip: `10.0.1.${index + 10}`, aliasIps: [] }],
          publicNets: [index === 0 ? { ipv4: address.id.apply(Number), ipv6Enabled: false } : { ipv6Enabled: false }],
        },
        { ...options, dependsOn: subnet },
      ),
  );
  dnsOf(example, address, options);
  const [first] = servers;
  if (first) {
    const volume = new hcloud.Volume("data", { size: 10, location: LOCATION, format: "ext4", labels }, options);
    const where = { volumeId: volume.id.apply(Number), serverId: first.id.apply(Number) };
    new hcloud.VolumeAttachment("data", where, options);
  }
  return { addresses: address.ipAddress };
}

/** A zone, everything below its name, and the name of the address. */
function dnsOf({ labels, second }: Example, address: hcloud.PrimaryIp, options: CustomResourceOptions): void {
  const zone = new hcloud.Zone(
    "zone",
    { name: "example.org", mode: "primary", labels, deleteProtection: false },
    options,
  );
  const records = [{ value: address.ipAddress }, { value: second }];
  const wildcard = { zone: zone.name, name: "*", type: "A", ttl: 60, records, labels };
  new hcloud.ZoneRrset("wildcard", wildcard, options);
  const pointer = { primaryIpId: address.id.apply(Number), ipAddress: address.ipAddress, dnsPtr: "ci.example.org" };
  new hcloud.Rdns("pointer", pointer, options);
}

function open(port: string) {
  return { direction: "in", protocol: "tcp", port, sourceIps: ["0.0.0.0/0", "::/0"] };
}
