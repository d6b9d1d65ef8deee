import { shareAddresses } from "../../../../lib/cidr.ts";
import { hostAddress, parseSubnet, type Subnet } from "../../../../machine/network/subnet.ts";

const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/** An address range that is one. @throws RangeError */
export function range(text: string): Subnet {
  const subnet = parseSubnet(text);
  if (!subnet) throw new RangeError(`not an address range: ${text}`);
  return subnet;
}

/** Whether a text is a range written by its first address, such as `10.0.0.0/16`. */
export function isRange(text: string): boolean {
  const subnet = text.includes("/") ? parseSubnet(text) : undefined;
  return subnet !== undefined && hostAddress(text, 0) === text.split("/")[0];
}

/** Whether all of `inner`, a range or an address, lies in `outer`. */
export function isInside(inner: string, outer: string): boolean {
  return range(inner).bits >= range(outer).bits && meet(outer, inner);
}

/** Whether a range is one that RFC 1918 sets apart. */
export function isPrivateRange(text: string): boolean {
  return PRIVATE.some((outer) => isInside(text, outer));
}

/** Whether two ranges have an address in common. */
export function meet(a: string, b: string): boolean {
  return shareAddresses(a, b);
}

/** The first address of a range that may be given to a server and that nobody has; undefined when it is full. */
export function freeHost(subnet: string, taken: ReadonlySet<string>): string | undefined {
  const size = 2 ** (32 - range(subnet).bits);
  for (let host = 1; host < size - 1; host++) {
    const address = hostAddress(subnet, host);
    if (!taken.has(address)) return address;
  }
  return undefined;
}

/** The first subnet of a size in a range that meets none of the others. */
export function freeSubnet(outer: string, bits: number, others: readonly string[]): string | undefined {
  const { bits: outerBits } = range(outer);
  const size = 2 ** (32 - bits);
  for (let index = 0; index < 2 ** (bits - outerBits); index++) {
    const candidate = `${hostAddress(outer, index * size)}/${bits}`;
    if (!others.some((other) => meet(candidate, other))) return candidate;
  }
  return undefined;
}
