import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { exec } from "../../lib/exec.ts";
import { hierarchies } from "../../machine/cgroup.ts";

/** Everything on the host that a machine could leave behind, one line each. */
export async function hostInventory(): Promise<string[]> {
  const mounts = (await readFile("/proc/self/mountinfo", "utf8")).split("\n").map((line) => line.split(" ")[4]);
  const rules = (await exec(["iptables-save"])).split("\n").filter((line) => line.startsWith("-A"));
  const lines = [
    ...mounts.map((point) => `mount ${point}`),
    ...(await names("/sys/class/net")).map((name) => `link ${name}`),
    ...(await names("/run/netns")).map((name) => `network namespace ${name}`),
    ...(await names("/run/systemd/nspawn/propagate")).map((name) => `propagation folder ${name}`),
    ...(await names("/run/systemd/nspawn/locks")).map((name) => `lock ${name}`),
    ...(await names("/run/recipe-ci")).map((name) => `saved setting ${name}`),
    ...rules.map((rule) => `rule ${rule}`),
    ...(await cgroups()),
    `forwarding ${(await readFile("/proc/sys/net/ipv4/ip_forward", "utf8")).trim()}`,
  ];
  return lines.sort();
}

async function cgroups(): Promise<string[]> {
  const found: string[] = [];
  for (const { path } of await hierarchies())
    for (const name of await names(join(path, "recipe-ci"))) found.push(`cgroup ${join(path, "recipe-ci", name)}`);
  return found;
}

async function names(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
