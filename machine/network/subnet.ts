import { shareAddresses } from "../../lib/cidr.ts";

/** An IPv4 network. `base` is its first address as a 32-bit number. */
export interface Subnet {
  base: number;
  /** Bits of the network part. */
  bits: number;
}

/** Private /24 networks a bridge may take, in this order: rarely used by routers, VPNs and Docker. */
const CANDIDATES = Array.from({ length: 50 }, (_, index) => `10.${78 + index}.0.0/24`);

/** Network around all of them. */
export const MACHINE_NETWORKS = "10.64.0.0/10";

/** Host number of the first machine in a network. Below it: the bridge, and room for fixed addresses. */
const FIRST_MACHINE = 11;

/** The network in `A.B.C.D/N`, or of a single address; undefined when it is neither. */
export function parseSubnet(text: string): Subnet | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(text);
  if (!match) return undefined;
  const octets = match.slice(1, 5).map(Number);
  const bits = match[5] === undefined ? 32 : Number(match[5]);
  if (octets.some((octet) => octet > 255) || bits > 32) return undefined;
  const address = octets.reduce((number, octet) => number * 256 + octet, 0);
  const size = 2 ** (32 - bits);
  return { base: address - (address % size), bits };
}

/** Destinations in the answer of `ip -json route show`; the default route is none. */
export function parseRoutes(json: string): string[] {
  const routes: unknown = JSON.parse(json || "[]");
  if (!Array.isArray(routes)) return [];
  return routes.flatMap(({ dst }: { dst?: unknown }) => (typeof dst === "string" && parseSubnet(dst) ? [dst] : []));
}

/** First candidate that no taken network overlaps; undefined when all do. */
export function chooseSubnet(taken: readonly string[], candidates: readonly string[] = CANDIDATES): string | undefined {
  return candidates.find((candidate) => !taken.some((other) => shareAddresses(candidate, other)));
}

/** Address number `host` of a network: 1 is the bridge's. */
export function hostAddress(subnet: string, host: number): string {
  const parsed = parseSubnet(subnet);
  if (!parsed) throw new RangeError(`not a subnet: "${subnet}"`);
  const address = parsed.base + host;
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** First address of a /24 that no machine has; undefined when it is full. */
export function freeAddress(subnet: string, taken: readonly string[]): string | undefined {
  for (let host = FIRST_MACHINE; host < 255; host++) {
    const address = hostAddress(subnet, host);
    if (!taken.includes(address)) return address;
  }
  return undefined;
}
