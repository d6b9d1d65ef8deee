import { readFile } from "node:fs/promises";

/** The host's name servers, as a resolv.conf(5) a machine can use. */
export async function hostNameservers(): Promise<string> {
  const own = await readFile("/etc/resolv.conf", "utf8").catch(() => "");
  if (reachesOutside(own)) return own;
  // systemd-resolved's own address is on the host's loopback; it lists the real servers here.
  const upstream = await readFile("/run/systemd/resolve/resolv.conf", "utf8").catch(() => "");
  return reachesOutside(upstream) ? upstream : own;
}

/** Whether a resolv.conf names a server that another network namespace can reach too. */
export function reachesOutside(text: string): boolean {
  return nameservers(text).some((server) => !/^(?:127\.|::1$)/.test(server));
}

/** Addresses of the name servers in a resolv.conf, in their order. */
export function nameservers(text: string): string[] {
  return [...text.matchAll(/^nameserver\s+(\S+)/gm)].flatMap(([, server]) => server ?? []);
}
