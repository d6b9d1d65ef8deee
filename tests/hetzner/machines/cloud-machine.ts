import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { InfraError } from "../../../lib/errors.ts";
import { exists } from "../../../lib/exists.ts";
import { withLock } from "../../../lib/lock.ts";
import { signalPid } from "../../../lib/signal.ts";
import { until } from "../../../lib/until.ts";
import { hostStep } from "../../../machine/host.ts";
import { type MachineLayout, machineLayout } from "../../../machine/layout.ts";
import { destroyMachine, ensureMachine, stopMachine } from "../../../machine/machine.ts";
import { attach, detach, namespacePath } from "../../../machine/network/attachment.ts";
import type { Network } from "../../../machine/network/network.ts";
import { hostNameservers } from "../../../machine/network/resolv-conf.ts";
import { leaderPid, powerOff, supervision } from "../../../machine/power.ts";
import type { Rootfs } from "../../../machine/rootfs/rootfs.ts";
import type { FirewallRule, MachineOrder, PrivateInterface } from "../emulator/machines.ts";
import { occupyDisk } from "./disks.ts";
import { applyRules } from "./firewall-rules.ts";
import { interfaceName, plug, unplug } from "./private-network.ts";
import { MARK, seed } from "./seed.ts";

/** Number of the kind of block device that a disk is to the kernel. */
const LOOP_MAJOR = "7";
/** Of further disks: `sda` is a server's own. */
const LETTERS = "bcdefghijklmnopq";
/** Where a volume is found by its number. */
const BY_ID = "/dev/disk/by-id/scsi-0HC_Volume_";

/** What machines of one look-alike share. */
export interface Site {
  image: Rootfs;
  network: Network;
}

export function machineName(id: number): string {
  return `server-${id}`;
}

/** One server as a machine in a folder: root file system, network namespace, power, disks. */
export class CloudMachine {
  order: MachineOrder;
  readonly #site: Site;
  readonly #layout: MachineLayout;
  readonly #nets = new Map<number, PrivateInterface>();
  readonly #disks: number[] = [];
  #rules: readonly FirewallRule[] | undefined;
  /** Counts the times that its disk was made. */
  #generation = 1;

  constructor(order: MachineOrder, site: Site) {
    this.order = order;
    this.#site = site;
    this.#layout = machineLayout(machineName(order.id));
  }

  /** Gives it a network namespace with everything that is plugged into it. That one outlives its power. */
  async wire(): Promise<void> {
    const { ipv4 } = this.order;
    if (ipv4 === undefined) throw new InfraError(`${this.#layout.id}: a machine here needs a public IPv4 address`);
    if (await exists(namespacePath(this.#layout.id))) return;
    // By its folder it is found, whoever is killed from now on.
    await mkdir(this.#layout.folder, { recursive: true });
    await attach(this.#layout.id, ipv4, this.#site.network);
    await applyRules(this.#layout.id, this.#site.image.folder, this.#rules);
    for (const net of this.#nets.values()) await this.#plug(net);
  }

  async powerOn(): Promise<void> {
    await this.wire();
    const { order } = this;
    await ensureMachine(
      {
        name: machineName(order.id),
        rootfs: this.#site.image,
        limits: { memoryMiB: order.memoryGiB * 1024, cpus: order.cores },
        network: this.#site.network,
        address: order.ipv4 ?? "",
        binds: [],
        seed: seed(order, this.#generation, await hostNameservers()),
      },
      () => undefined,
    );
    for (const disk of this.#disks) await this.#showDisk(disk);
  }

  pullPlug(): Promise<void> {
    return stopMachine(machineName(this.order.id));
  }

  shutDown(): Promise<void> {
    return withLock(this.#layout.folder, () => powerOff(this.#layout, "soft"));
  }

  /** Asks it to start again, and waits until it does. */
  async reboot(): Promise<void> {
    const before = await this.#leader();
    signalPid(before, "SIGINT");
    await until(
      async () => {
        const now = await this.#leader().catch(() => before);
        return now === before ? { done: false, reason: "it has not ended yet" } : { done: true, value: now };
      },
      { what: `${this.#layout.id} started again`, deadline: "60 s" },
    );
  }

  /** Takes everything of it away, but for its disks. */
  async remove(): Promise<void> {
    await this.pullPlug();
    for (const network of [...this.#nets.keys()]) await unplug(this.#layout.id, network);
    await destroyMachine(machineName(this.order.id));
  }

  /** Makes it anew, empty, where it was. */
  async remake(order: MachineOrder): Promise<void> {
    await this.remove();
    this.order = order;
    this.#generation++;
    await this.wire();
  }

  /** Gives it another address with its next power-on. */
  async setIpv4(ipv4: string | undefined): Promise<void> {
    this.order = { ...this.order, ipv4 };
    for (const network of this.#nets.keys()) await unplug(this.#layout.id, network);
    await detach(this.#layout.id);
  }

  async join(net: PrivateInterface): Promise<void> {
    this.#nets.set(net.networkId, net);
    await this.wire();
    await this.#plug(net);
  }

  async leave(network: number): Promise<void> {
    this.#nets.delete(network);
    await unplug(this.#layout.id, network);
  }

  async setRules(rules: readonly FirewallRule[] | undefined): Promise<void> {
    this.#rules = rules;
    await this.wire();
    await applyRules(this.#layout.id, this.#site.image.folder, rules);
  }

  async insertDisk(disk: number): Promise<void> {
    this.#disks.push(disk);
    if (await supervision(this.#layout)) await this.#showDisk(disk);
  }

  async pullDisk(disk: number): Promise<void> {
    const { device, link, note } = this.#placesOf(disk, await this.#root());
    for (const path of [link, device, note]) await rm(path, { force: true });
    this.#disks.splice(this.#disks.indexOf(disk), 1);
  }

  async #plug(net: PrivateInterface): Promise<void> {
    const index = [...this.#nets.keys()].indexOf(net.networkId);
    await plug(this.#layout.id, interfaceName(index), net);
  }

  /**
   * Makes the files by which the machine knows a disk. Its `/dev` is new with each start, so that there is a note for
   * it as well, of when it starts again by itself (tmpfiles.d(5)).
   */
  async #showDisk(disk: number): Promise<void> {
    const minor = String(await occupyDisk(disk));
    const { name, device, folder, link, note } = this.#placesOf(disk, await this.#root());
    await rm(device, { force: true });
    await hostStep("make a device file", ["mknod", device, "b", LOOP_MAJOR, minor]);
    await mkdir(folder, { recursive: true });
    await rm(link, { force: true });
    await symlink(`../../${name}`, link);
    const lines = [`b /dev/${name} 0660 root disk - ${LOOP_MAJOR}:${minor}`, `L ${BY_ID}${disk} - - - - ../../${name}`];
    await writeFile(note, `${lines.join("\n")}\n`);
  }

  #placesOf(disk: number, root: string) {
    const name = `sd${LETTERS[this.#disks.indexOf(disk)]}`;
    const link = `${root}${BY_ID}${disk}`;
    const note = `${root}/etc/tmpfiles.d/volume-${disk}.conf`;
    return { name, device: `${root}/dev/${name}`, folder: dirname(link), link, note };
  }

  /** The machine's root as the host sees it: that of its init, once it runs in there, or of what is off. */
  async #root(): Promise<string> {
    if (!(await supervision(this.#layout))) return this.#layout.root;
    return until(
      async () => {
        const root = `/proc/${await this.#leader().catch(() => undefined)}/root`;
        // Until then it is the host's own.
        const mark = await readFile(`${root}${MARK}`, "utf8").catch(() => "");
        return mark.trim() === String(this.order.id)
          ? { done: true, value: root }
          : { done: false, reason: "its init does not run yet" };
      },
      { what: `the root of ${this.#layout.id}`, deadline: "20 s", every: "20 ms" },
    );
  }

  async #leader(): Promise<number> {
    const running = await supervision(this.#layout);
    const pid = running && (await leaderPid(running));
    if (!pid) throw new InfraError(`${this.#layout.id} is off`);
    return pid;
  }
}
