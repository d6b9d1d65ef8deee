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
  return [...text.matchAll(/^nameserver\s+(\S+)/gm)].some(([, server = ""]) => !/^(?:127\.|::1$)/.test(server));
}
