import { BlockList, isIP } from "node:net";

/** Whether two networks, `10.1.0.0/16` or `fd00::/64`, have an address in common; false where one is no network. */
export function shareAddresses(a: string, b: string): boolean {
  const [one, other] = [parse(a), parse(b)];
  if (!one || !other || one.family !== other.family) return false;
  return listOf(one).check(other.address, other.family) || listOf(other).check(one.address, one.family);
}

interface Network {
  address: string;
  bits: number;
  family: "ipv4" | "ipv6";
}

function parse(text: string): Network | undefined {
  const [address = "", bits = "", ...rest] = text.split("/");
  const version = isIP(address);
  if (!version || !/^\d{1,3}$/.test(bits) || rest.length > 0) return undefined;
  if (Number(bits) > (version === 4 ? 32 : 128)) return undefined;
  return { address, bits: Number(bits), family: version === 4 ? "ipv4" : "ipv6" };
}

function listOf({ address, bits, family }: Network): BlockList {
  const list = new BlockList();
  list.addSubnet(address, bits, family);
  return list;
}
