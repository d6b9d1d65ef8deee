import { local } from "@pulumi/command";
import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import { home } from "../lib/home.ts";
import { projectPath } from "../lib/project.ts";
import { serverEngine } from "../lib/ssh-arguments.ts";
import type { Capabilities } from "../machine/capabilities.ts";
import { hostAddress } from "../machine/network/subnet.ts";
import type { EntryPoint } from "../swarm/entry/labels.ts";
import { openPorts } from "./hetzner-firewall.ts";
import { type HetznerDomain, hetznerRecords } from "./hetzner-records.ts";

export interface HetznerNodeArgs {
  /** Of all that it has: the servers' host names begin with it. */
  name: pulumi.Output<string>;
  labels: pulumi.Input<Record<string, pulumi.Input<string>>>;
  serverType: pulumi.Input<string>;
  location: pulumi.Input<string>;
  networkZone: pulumi.Input<string>;
  image: string;
  /** Public half of the key that may log in. */
  publicKey: pulumi.Input<string>;
  /** What makes a fresh server a node; known to be secret. `volume`: number of that for Docker's data. */
  userData(volume?: pulumi.Output<string>): pulumi.Input<string>;
  /** Addresses of the private network. */
  network: string;
  /** Servers beside the first one, as workers of its Swarm. */
  workers: number;
  /** Networks that may connect by ssh. */
  sshFrom: readonly string[];
  /** Ports of its Traefik beside 80 and 443. */
  entryPoints: readonly EntryPoint[];
  /** Whether Hetzner refuses to delete what can hold something: servers, volumes, the address, the network. */
  protect: boolean;
  /** GB of a volume for each server's Docker data. Default: it lies on the server's own disk. */
  volumeGB: number | undefined;
  /** Where its names are kept. Default: it has none. */
  domain: HetznerDomain | undefined;
  /** Hetzner's API, and what opens the project there. */
  endpoint: string;
  token: pulumi.Input<string>;
  /** Program of this project that does a step on a server; the step comes as its last argument. */
  program: string;
  /** Makes a server reachable by ssh from here; gives its address once it is. */
  admit(address: pulumi.Output<string>, role: "manager" | "worker"): pulumi.Output<string>;
}

/** What a step tells of a server's engine. */
interface Engine {
  engineVersion: string;
  capabilities: Capabilities;
}

/** Number of the manager's address in the private network. Below it: what Hetzner keeps for itself. */
const FIRST_HOST = 10;

/** Format of volumes. */
const FORMAT = "ext4";

/** Changes of these would make a server anew, with everything that is on it: only a destroy does that. */
const KEPT = ["userData", "sshKeys", "image", "location"];

/**
 * A Swarm at Hetzner: servers in a private network behind a firewall, each a Debian that its user data makes a node.
 * All of it goes with the stack's guard.
 */
export class HetznerNode extends pulumi.ComponentResource {
  /** Docker host, `ssh://…`. */
  readonly dockerHost: pulumi.Output<string>;
  /** Public IPv4 address. */
  readonly address: pulumi.Output<string>;
  readonly engineVersion: pulumi.Output<string>;
  readonly capabilities: pulumi.Output<Capabilities>;
  /** Made anew with the manager's server, as its Swarm is. */
  readonly swarm: pulumi.CustomResource;
  /** Docker hosts of its workers. */
  readonly workers: pulumi.Output<string[]>;

  private readonly args: HetznerNodeArgs;
  /** Of all that the provider makes. */
  private readonly own: pulumi.CustomResourceOptions;

  constructor(name: string, args: HetznerNodeArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("recipe-ci:index:HetznerNode", name, {}, options);
    this.args = args;
    const { labels, network: ipRange, networkZone, location, endpoint, token, protect: deleteProtection } = args;
    // At Hetzner's own pace many actions at once would use up an hour's requests.
    const pace = { pollFunction: "exponential" };
    const provider = new hcloud.Provider(`${name}-hetzner`, { endpoint, token, ...pace }, { parent: this });
    const own = { parent: this, provider };
    this.own = own;
    const common = { name: args.name, labels };
    const key = new hcloud.SshKey(`${name}-key`, { ...common, publicKey: args.publicKey }, own);
    const network = new hcloud.Network(`${name}-network`, { ...common, ipRange, deleteProtection }, own);
    const networkId = network.id.apply(Number);
    const subnet = new hcloud.NetworkSubnet(`${name}-subnet`, { networkId, type: "cloud", networkZone, ipRange }, own);
    const firewall = new hcloud.Firewall(
      `${name}-firewall`,
      { ...common, rules: openPorts(args.sshFrom, args.entryPoints) },
      own,
    );
    const group = new hcloud.PlacementGroup(`${name}-group`, { ...common, type: "spread" }, own);
    // Kept apart from the server, so that it outlives one that is made anew. Hetzner's own auto_delete would take it away
    // behind the state's back (terraform-provider-hcloud 842, 1093).
    const apart = { type: "ipv4", assigneeType: "server", autoDelete: false };
    const ip = new hcloud.PrimaryIp(
      `${name}-address`,
      { ...common, ...apart, location, deleteProtection },
      { ...own, deleteBeforeReplace: true },
    );
    if (args.domain) hetznerRecords(name, { ...args.domain, labels, ip }, own);
    const shared = { key, networkId, subnet, firewall, group };

    const manager = this.server(name, { hostName: args.name, role: "manager", host: FIRST_HOST, ip }, shared);
    const swarm = this.step(`${name}-swarm`, { create: "manager up" }, manager);
    this.swarm = swarm;
    const engine = swarm.stdout.apply(answer);
    const workers = Array.from({ length: args.workers }, (_, index) =>
      this.worker(name, index + 1, manager, swarm, shared),
    );
    this.workers = pulumi.all(workers.map(({ address }) => address.apply(serverEngine)));
    this.address = manager.address;
    this.dockerHost = manager.address.apply(serverEngine);
    this.engineVersion = engine.engineVersion;
    this.capabilities = engine.capabilities;
    this.registerOutputs({ dockerHost: this.dockerHost, address: this.address });
  }

  /** Another server, as a worker of the Swarm. It leaves that before it goes. */
  private worker(name: string, number: number, manager: Server, swarm: pulumi.Resource, shared: Shared): Server {
    const own = `${name}-worker-${number}`;
    const hostName = pulumi.interpolate`${this.args.name}-worker-${number}`;
    const worker = this.server(own, { hostName, role: "worker", host: FIRST_HOST + number }, shared);
    const options = [
      pulumi.interpolate`--name=${hostName}`,
      pulumi.interpolate`--manager-address=${manager.address}`,
      `--manager-private=${manager.privateAddress}`,
    ];
    const step = { create: "worker up", delete: "worker down", options, anew: manager.id, after: swarm };
    this.step(`${own}-swarm`, step, worker);
    return worker;
  }

  /** A server that is ready: ssh answers, and all of its user data is done. */
  private server(name: string, wanted: WantedServer, { key, networkId, subnet, firewall, group }: Shared): Server {
    const { args } = this;
    const { hostName, role, host, ip } = wanted;
    const privateAddress = hostAddress(args.network, host);
    const volume = this.volume(name, hostName);
    const server = new hcloud.Server(
      `${name}-server`,
      {
        name: hostName,
        labels: args.labels,
        serverType: args.serverType,
        location: args.location,
        image: args.image,
        sshKeys: [key.id],
        userData: args.userData(volume?.id),
        firewallIds: [firewall.id.apply(Number)],
        placementGroupId: group.id.apply(Number),
        networks: [{ networkId, ip: privateAddress, aliasIps: [] }],
        publicNets: [{ ipv4Enabled: true, ipv4: ip?.id.apply(Number), ipv6Enabled: false }],
        deleteProtection: args.protect,
        rebuildProtection: args.protect,
      },
      { ...this.own, dependsOn: subnet, ignoreChanges: KEPT },
    );
    // The server's user data waits for it, and so does not have to be made after it.
    const attached =
      volume &&
      new hcloud.VolumeAttachment(
        `${name}-volume`,
        { volumeId: volume.id.apply(Number), serverId: server.id.apply(Number) },
        { ...this.own, deleteBeforeReplace: true },
      );
    const place = { id: server.id, address: args.admit(server.ipv4Address, role), privateAddress };
    return { ...place, ready: this.step(`${name}-ready`, this.readiness(server.id, volume?.id, attached), place) };
  }

  private volume(name: string, hostName: pulumi.Input<string>): hcloud.Volume | undefined {
    const { labels, location, volumeGB: size, protect: deleteProtection } = this.args;
    if (size === undefined) return undefined;
    const args = { name: hostName, labels, location, size, format: FORMAT, deleteProtection };
    return new hcloud.Volume(`${name}-volume`, args, { ...this.own, deleteBeforeReplace: true });
  }

  /** Waits for a server, and may start it again. */
  private readiness(server: pulumi.Output<string>, volume?: pulumi.Output<string>, after?: pulumi.Resource): Step {
    const { endpoint, token } = this.args;
    const options = [
      pulumi.interpolate`--server=${server}`,
      `--endpoint=${endpoint}`,
      ...(volume ? [pulumi.interpolate`--volume=${volume}`] : []),
    ];
    return { create: "server ready", options, environment: { HCLOUD_TOKEN: token }, after };
  }

  /** A step on a server, repeated on another server. */
  private step(
    name: string,
    step: Step,
    { id, address, privateAddress, ready }: Omit<Server, "ready"> & Partial<Server>,
  ): local.Command {
    const options = [pulumi.interpolate`--address=${address}`, `--private=${privateAddress}`, ...(step.options ?? [])];
    return new local.Command(
      name,
      {
        create: step.create,
        delete: step.delete,
        // The step becomes one argument after these: no shell ever reads it.
        interpreter: [process.execPath, projectPath(this.args.program), ...options],
        environment: { RECIPE_CI_HOME: home(), ...step.environment },
        triggers: [id, ...(step.anew ? [step.anew] : [])],
        logging: local.Logging.Stderr,
      },
      { parent: this, dependsOn: [ready, step.after].filter((one) => one !== undefined), deleteBeforeReplace: true },
    );
  }
}

/** One step of the program on a server. */
interface Step {
  create: string;
  delete?: string;
  options?: pulumi.Input<string>[];
  environment?: Record<string, pulumi.Input<string>>;
  /** The step is made anew when it changes. */
  anew?: pulumi.Output<string>;
  after?: pulumi.Resource;
}

/** One server of a node as it is to be. */
interface WantedServer {
  hostName: pulumi.Input<string>;
  role: "manager" | "worker";
  /** Number of its address in the private network. */
  host: number;
  /** Its public address. Default: one that comes and goes with it. */
  ip?: hcloud.PrimaryIp;
}

/** What all servers of a node have in common. */
interface Shared {
  key: hcloud.SshKey;
  networkId: pulumi.Output<number>;
  subnet: hcloud.NetworkSubnet;
  firewall: hcloud.Firewall;
  group: hcloud.PlacementGroup;
}

interface Server {
  id: pulumi.Output<string>;
  /** Public address, known once ssh knows its key. */
  address: pulumi.Output<string>;
  privateAddress: string;
  ready: pulumi.Resource;
}

function answer(stdout: string): Engine {
  return JSON.parse(stdout) as Engine;
}
