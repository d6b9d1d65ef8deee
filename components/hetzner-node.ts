import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import { serverEngine } from "../lib/ssh-arguments.ts";
import type { Capabilities } from "../machine/capabilities.ts";
import type { EntryPoint } from "../swarm/entry/labels.ts";
import { openPorts } from "./hetzner-firewall.ts";
import { type HetznerDomain, hetznerRecords } from "./hetzner-records.ts";
import {
  type HetznerServerArgs,
  hetznerServer,
  type Own,
  type Server,
  type ServerOrder,
  type Shared,
  type WantedServer,
} from "./hetzner-server.ts";
import { type Step, serverStep } from "./hetzner-step.ts";

export interface HetznerNodeArgs extends HetznerServerArgs {
  /** Of all that it has: the servers' host names begin with it. */
  name: pulumi.Output<string>;
  networkZone: pulumi.Input<string>;
  /** Of the manager, then of each worker. */
  orders: readonly [ServerOrder, ...ServerOrder[]];
  /** Public half of the key that may log in. */
  publicKey: pulumi.Input<string>;
  /** Networks that may connect by ssh. */
  sshFrom: readonly string[];
  /** Ports of its Traefik beside 80 and 443. */
  entryPoints: readonly EntryPoint[];
  /** Where its names are kept. Default: it has none. */
  domain: HetznerDomain | undefined;
  /** Told of whatever goes wrong with one of its resources at Hetzner. */
  onError: pulumi.ErrorHook;
}

/** What a step tells of a server's engine. */
interface Engine {
  engineVersion: string;
  capabilities: Capabilities;
}

/** Number of the manager's address in the private network. Below it: what Hetzner keeps for itself. */
export const FIRST_HOST = 10;

/** Name of a worker's server, of which the first is 1. @param name the node's */
export function workerName(name: string, number: number): string {
  return `${name}-worker-${number}`;
}

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
  private readonly own: Own;

  constructor(name: string, args: HetznerNodeArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("recipe-ci:index:HetznerNode", name, {}, options);
    this.args = args;
    const { labels, network: ipRange, networkZone, endpoint, token, protect: deleteProtection } = args;
    const [order, ...others] = args.orders;
    // At Hetzner's own pace many actions at once would use up an hour's requests.
    const pace = { pollFunction: "exponential" };
    const provider = new hcloud.Provider(`${name}-hetzner`, { endpoint, token, ...pace }, { parent: this });
    const own = { parent: this, provider, hooks: { onError: [args.onError] } };
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
      { ...common, ...apart, location: order.location, deleteProtection },
      { ...own, deleteBeforeReplace: true },
    );
    if (args.domain) hetznerRecords(name, { ...args.domain, labels, ip }, own);
    const shared = { key, networkId, subnet, firewall, group };

    const wanted = { hostName: args.name, role: "manager", host: FIRST_HOST, order, ip } as const;
    const manager = this.server(name, wanted, shared);
    const swarm = this.step(`${name}-swarm`, { create: "manager up" }, manager);
    this.swarm = swarm;
    const engine = swarm.stdout.apply(answer);
    const workers = others.map((one, index) => this.worker(name, index + 1, one, manager, swarm, shared));
    this.workers = pulumi.all(workers.map(({ address }) => address.apply(serverEngine)));
    this.address = manager.address;
    this.dockerHost = manager.address.apply(serverEngine);
    this.engineVersion = engine.engineVersion;
    this.capabilities = engine.capabilities;
    this.registerOutputs({ dockerHost: this.dockerHost, address: this.address });
  }

  /** Another server, as a worker of the Swarm. It leaves that before it goes. */
  private worker(
    name: string,
    number: number,
    order: ServerOrder,
    manager: Server,
    swarm: pulumi.Resource,
    shared: Shared,
  ): Server {
    const own = `${name}-worker-${number}`;
    const hostName = this.args.name.apply((node) => workerName(node, number));
    const worker = this.server(own, { hostName, role: "worker", host: FIRST_HOST + number, order }, shared);
    const options = [
      pulumi.interpolate`--name=${hostName}`,
      pulumi.interpolate`--manager-address=${manager.address}`,
      `--manager-private=${manager.privateAddress}`,
    ];
    const step = { create: "worker up", delete: "worker down", options, anew: manager.id, after: swarm };
    this.step(`${own}-swarm`, step, worker);
    return worker;
  }

  private server(name: string, wanted: WantedServer, shared: Shared): Server {
    return hetznerServer(name, this.args, wanted, shared, this.own);
  }

  private step(name: string, step: Step, server: Server) {
    return serverStep(name, this.args.program, step, server, this);
  }
}

function answer(stdout: string): Engine {
  return JSON.parse(stdout) as Engine;
}
