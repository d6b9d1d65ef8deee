import { type Network, networkDown, networkUp } from "../../../machine/network/network.ts";
import { freeAddress } from "../../../machine/network/subnet.ts";
import type { Disk, FirewallRule, MachineOrder, Machines, PrivateInterface } from "../emulator/machines.ts";
import { CloudMachine, type Site } from "./cloud-machine.ts";
import { debianImage } from "./debian-image.ts";
import { createDisk, deleteDisk, releaseDisk, resizeDisk } from "./disks.ts";
import { MetadataService } from "./metadata-service.ts";
import { sweep } from "./sweep.ts";

/**
 * Servers that really boot: each a Debian in a folder with its own init, network and Docker, on a bridge that stands
 * for the internet. All of them are in this home, and go when this is disposed of.
 *
 * Not as at Hetzner: they have no IPv6, no boot loader and the host's kernel; a private network is one bridge without
 * a router.
 */
export class RealMachines implements Machines {
  readonly #site: Site;
  readonly #machines = new Map<number, CloudMachine>();
  #metadata: MetadataService | undefined;

  private constructor(site: Site) {
    this.#site = site;
  }

  /** Installs and builds what machines are made from, and takes away what killed tests left in this home. */
  static async start(): Promise<RealMachines> {
    const image = await debianImage();
    await sweep();
    const machines = new RealMachines({ image, network: await networkUp() });
    machines.#metadata = await MetadataService.start(machines.network, (address) => machines.#whoHas(address));
    return machines;
  }

  /** The bridge that stands for the internet. */
  get network(): Network {
    return this.#site.network;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#metadata?.[Symbol.asyncDispose]();
    this.#metadata = undefined;
    await sweep();
    await networkDown();
  }

  freeIpv4(taken: ReadonlySet<string>): string {
    const address = freeAddress(this.network.subnet, [...taken]);
    if (!address) throw new Error(`no free address in ${this.network.subnet}`);
    return address;
  }

  async create(order: MachineOrder): Promise<void> {
    const machine = new CloudMachine(order, this.#site);
    this.#machines.set(order.id, machine);
    await machine.wire();
  }

  async delete(id: number): Promise<void> {
    // A server whose creation failed has none.
    await this.#machines.get(id)?.remove();
    this.#machines.delete(id);
  }

  rebuild(order: MachineOrder): Promise<void> {
    return this.#get(order.id).remake(order);
  }

  async resize(id: number, cores: number, memoryGiB: number): Promise<void> {
    const machine = this.#get(id);
    machine.order = { ...machine.order, cores, memoryGiB };
  }

  setIpv4(id: number, ipv4: string | undefined): Promise<void> {
    return this.#get(id).setIpv4(ipv4);
  }

  powerOn(id: number): Promise<void> {
    return this.#get(id).powerOn();
  }

  powerOff(id: number): Promise<void> {
    return this.#get(id).pullPlug();
  }

  shutdown(id: number): Promise<void> {
    return this.#get(id).shutDown();
  }

  reboot(id: number): Promise<void> {
    return this.#get(id).reboot();
  }

  attachNetwork(id: number, at: PrivateInterface): Promise<void> {
    return this.#get(id).join(at);
  }

  detachNetwork(id: number, networkId: number): Promise<void> {
    return this.#get(id).leave(networkId);
  }

  applyFirewall(id: number, rules: readonly FirewallRule[] | undefined): Promise<void> {
    return this.#get(id).setRules(rules);
  }

  createDisk(disk: Disk): Promise<void> {
    return createDisk(disk);
  }

  resizeDisk(id: number, sizeGB: number): Promise<void> {
    return resizeDisk(id, sizeGB);
  }

  deleteDisk(id: number): Promise<void> {
    return deleteDisk(id);
  }

  attachDisk(server: number, disk: number): Promise<void> {
    return this.#get(server).insertDisk(disk);
  }

  async detachDisk(server: number, disk: number): Promise<void> {
    await this.#get(server).pullDisk(disk);
    await releaseDisk(disk);
  }

  #get(id: number): CloudMachine {
    const machine = this.#machines.get(id);
    if (!machine) throw new Error(`there is no machine of server ${id}`);
    return machine;
  }

  #whoHas(address: string): MachineOrder | undefined {
    return [...this.#machines.values()].map(({ order }) => order).find(({ ipv4 }) => ipv4 === address);
  }
}
