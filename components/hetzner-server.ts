import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import { hostAddress } from "../machine/network/subnet.ts";
import { type Place, type Step, serverStep } from "./hetzner-step.ts";

/** What all servers of a node are made of. */
export interface HetznerServerArgs {
  labels: pulumi.Input<Record<string, pulumi.Input<string>>>;
  image: string;
  /** What makes a fresh server a node; known to be secret. `volume`: number of that for Docker's data. */
  userData(role: ServerRole, volume?: pulumi.Output<string>): pulumi.Input<string>;
  /** Addresses of the private network. */
  network: string;
  /** Whether Hetzner refuses to delete what can hold something: servers, volumes, the address, the network. */
  protect: boolean;
  /** GB of a volume for each server's Docker data. Default: it lies on the server's own disk. */
  volumeGB: number | undefined;
  /** Hetzner's API, and what opens the project there. */
  endpoint: string;
  token: pulumi.Input<string>;
  /** Program of this project that does a step on a server; the step comes as its last argument. */
  program: string;
  /** Makes a server reachable by ssh from here; gives its address once it is. */
  admit(address: pulumi.Output<string>, role: ServerRole): pulumi.Output<string>;
}

export type ServerRole = "manager" | "worker";

/** Which server is ordered, and where. */
export interface ServerOrder {
  serverType: pulumi.Output<string>;
  location: pulumi.Output<string>;
}

/** One server of a node as it is to be. */
export interface WantedServer {
  hostName: pulumi.Input<string>;
  role: ServerRole;
  /** Number of its address in the private network. */
  host: number;
  order: ServerOrder;
  /** Its public address. Default: one that comes and goes with it. */
  ip?: hcloud.PrimaryIp;
}

/** What all servers of a node have in common at Hetzner. */
export interface Shared {
  key: hcloud.SshKey;
  networkId: pulumi.Output<number>;
  subnet: hcloud.NetworkSubnet;
  firewall: hcloud.Firewall;
  group: hcloud.PlacementGroup;
}

/** A server that is ready once `ready` is. */
export type Server = Place & Required<Pick<Place, "ready">>;

/** Whose children a server and its volume are, and by which provider they are made. */
export type Own = pulumi.CustomResourceOptions & { parent: pulumi.Resource };

/** Format of volumes. */
const FORMAT = "ext4";

/** Changes of these would make a server anew, with everything that is on it: only a destroy does that. */
const KEPT = ["userData", "sshKeys", "image", "location"];

/** A server that is ready: ssh answers, and all of its user data is done. */
export function hetznerServer(
  name: string,
  args: HetznerServerArgs,
  { hostName, role, host, order, ip }: WantedServer,
  { key, networkId, subnet, firewall, group }: Shared,
  own: Own,
): Server {
  const privateAddress = hostAddress(args.network, host);
  const volume = dataVolume(name, args, hostName, order, own);
  const server = new hcloud.Server(
    `${name}-server`,
    {
      name: hostName,
      labels: args.labels,
      ...order,
      image: args.image,
      sshKeys: [key.id],
      userData: args.userData(role, volume?.id),
      firewallIds: [firewall.id.apply(Number)],
      placementGroupId: group.id.apply(Number),
      networks: [{ networkId, ip: privateAddress, aliasIps: [] }],
      publicNets: [{ ipv4Enabled: true, ipv4: ip?.id.apply(Number), ipv6Enabled: false }],
      deleteProtection: args.protect,
      rebuildProtection: args.protect,
    },
    { ...own, dependsOn: subnet, ignoreChanges: KEPT },
  );
  // The server's user data waits for it, and so does not have to be made after it.
  const attached =
    volume &&
    new hcloud.VolumeAttachment(
      `${name}-volume`,
      { volumeId: volume.id.apply(Number), serverId: server.id.apply(Number) },
      { ...own, deleteBeforeReplace: true },
    );
  const place = { id: server.id, address: args.admit(server.ipv4Address, role), privateAddress };
  const step = readiness(args, server.id, volume?.id, attached);
  return { ...place, ready: serverStep(`${name}-ready`, args.program, step, place, own.parent) };
}

function dataVolume(
  name: string,
  { labels, volumeGB: size, protect: deleteProtection }: HetznerServerArgs,
  hostName: pulumi.Input<string>,
  { location }: ServerOrder,
  own: Own,
): hcloud.Volume | undefined {
  if (size === undefined) return undefined;
  const args = { name: hostName, labels, location, size, format: FORMAT, deleteProtection };
  return new hcloud.Volume(`${name}-volume`, args, { ...own, deleteBeforeReplace: true });
}

/** Waits for a server, and may start it again. */
function readiness(
  { endpoint, token }: HetznerServerArgs,
  server: pulumi.Output<string>,
  volume?: pulumi.Output<string>,
  after?: pulumi.Resource,
): Step {
  const options = [
    pulumi.interpolate`--server=${server}`,
    `--endpoint=${endpoint}`,
    ...(volume ? [pulumi.interpolate`--volume=${volume}`] : []),
  ];
  return { create: "server ready", options, environment: { HCLOUD_TOKEN: token }, after };
}
