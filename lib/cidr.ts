import { BlockList, isIP } from "node:net";

/**
 * Whether two networks, `10.1.0.0/16` or `fd00::/64`, have an address in common; false where one is no network. An
 * address without bits is a network of its own.
 */
export function shareAddresses(a: string, b: string): boolean {
  const [one, other] = [parse(a), parse(b)];
  if (!one || !other || one.family !== other.family) return false;
  return listOf(one).check(other.address, other.family) || listOf(other).check(one.address, one.family);
}

/** Whether a text is a network with its bits, `10.1.0.0/16` or `fd00::/64`. */
export function isNetwork(text: string): boolean {
  return text.includes("/") && parse(text) !== undefined;
}

interface Network {
  address: string;
  bits: number;
  family: "ipv4" | "ipv6";
}

function parse(text: string): Network | undefined {
  const [address = "", given, ...rest] = text.split("/");
  const version = isIP(address);
  const most = version === 4 ? 32 : 128;
  const bits = given ?? String(most);
  if (!version || !/^\d{1,3}$/.test(bits) || Number(bits) > most || rest.length > 0) return undefined;
  return { address, bits: Number(bits), family: version === 4 ? "ipv4" : "ipv6" };
}

function listOf({ address, bits, family }: Network): BlockList {
  const list = new BlockList();
  list.addSubnet(address, bits, family);
  return list;
}
