import { Actions } from "./actions.ts";
import { RateLimit } from "./rate-limit.ts";
import type { Firewall } from "./resources/firewall.ts";
import type { Network } from "./resources/network.ts";
import type { PlacementGroup } from "./resources/placement-groups.ts";
import type { PrimaryIp } from "./resources/primary-ip.ts";
import type { Server } from "./resources/server.ts";
import type { SshKey } from "./resources/ssh-keys.ts";
import type { Volume } from "./resources/volume.ts";
import type { Zone } from "./resources/zone.ts";
import { Store } from "./store.ts";
import type { World } from "./world.ts";

/** What belongs to one customer's project, whichever of its tokens asks. */
export class Project {
  readonly world: World;
  readonly actions: Actions;
  readonly rateLimit = new RateLimit();
  readonly sshKeys = new Store<SshKey>("ssh_key");
  readonly networks = new Store<Network>("network");
  readonly firewalls = new Store<Firewall>("firewall");
  readonly placementGroups = new Store<PlacementGroup>("placement_group");
  readonly primaryIps = new Store<PrimaryIp>("primary_ip");
  readonly servers = new Store<Server>("server");
  readonly volumes = new Store<Volume>("volume");
  readonly zones = new Store<Zone>("zone");

  constructor(world: World) {
    this.world = world;
    this.actions = new Actions(world);
  }

  /** Everything that exists in the project, as `kind name`. */
  leftovers(): string[] {
    const stores = [
      this.sshKeys,
      this.networks,
      this.firewalls,
      this.placementGroups,
      this.primaryIps,
      this.servers,
      this.volumes,
      this.zones,
    ];
    return stores.flatMap((store) => store.all().map(({ name }) => `${store.kind} ${name}`));
  }
}
