/** What a machine is made from. */
export interface MachineOrder {
  id: number;
  name: string;
  /** Processors and GiB of memory. */
  cores: number;
  memoryGiB: number;
  /** Its public IPv4 address, where it has one. */
  ipv4: string | undefined;
  userData: string;
  /** Public keys that may log in as root. */
  sshKeys: readonly string[];
}

/** A private network as one machine sees it. */
export interface PrivateInterface {
  networkId: number;
  /** All of the network, e.g. `10.0.0.0/16`. */
  ipRange: string;
  gateway: string;
  address: string;
  aliases: readonly string[];
  mac: string;
  routes: readonly { destination: string; gateway: string }[];
}

/** What a firewall lets through. Ports as the API has them: `22`, `80-85` or `any`; none for a protocol without. */
export interface FirewallRule {
  direction: "in" | "out";
  protocol: "tcp" | "udp" | "icmp" | "esp" | "gre";
  port: string | null;
  source_ips: readonly string[];
  destination_ips: readonly string[];
  description?: string | null;
}

/** Disk that can be put into a machine. */
export interface Disk {
  id: number;
  sizeGB: number;
  format: string | null;
}

/**
 * What stands behind the API: something that does with machines what its answers say. Each call ends when that is done,
 * and throws where it can't be done, which fails the action.
 */
export interface Machines {
  /** A public IPv4 address that is not among the taken ones. */
  freeIpv4(taken: ReadonlySet<string>): string;

  /** Makes a machine, switched off. */
  create(order: MachineOrder): Promise<void>;
  /** Removes a machine with all that was its own. Its volumes are detached before. */
  delete(id: number): Promise<void>;
  /** Empties a machine that is off, and makes it anew from the order. */
  rebuild(order: MachineOrder): Promise<void>;
  /** Gives a machine that is off other limits. */
  resize(id: number, cores: number, memoryGiB: number): Promise<void>;
  /** Gives a machine that is off another public address, or none. */
  setIpv4(id: number, ipv4: string | undefined): Promise<void>;

  powerOn(id: number): Promise<void>;
  /** Pulls the plug. */
  powerOff(id: number): Promise<void>;
  /** Asks the machine to end. It is off afterwards. */
  shutdown(id: number): Promise<void>;
  /** Asks the machine to start again. */
  reboot(id: number): Promise<void>;

  /** Puts a machine into a private network, or changes how it is in it; it need not be on. */
  attachNetwork(id: number, at: PrivateInterface): Promise<void>;
  detachNetwork(id: number, networkId: number): Promise<void>;
  /** The rules that hold on the public interface from now on; none at all without a firewall. */
  applyFirewall(id: number, rules: readonly FirewallRule[] | undefined): Promise<void>;

  createDisk(disk: Disk): Promise<void>;
  resizeDisk(id: number, sizeGB: number): Promise<void>;
  deleteDisk(id: number): Promise<void>;
  attachDisk(server: number, disk: number): Promise<void>;
  detachDisk(server: number, disk: number): Promise<void>;
}
