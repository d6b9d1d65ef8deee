import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { exists } from "../../lib/exists.ts";
import { canReadRules, foreignForwardRules, taggedRules } from "./firewall.ts";
import { ownBridges } from "./links.ts";

const SWITCH = "/proc/sys/net/ipv4/ip_forward";

/** Says that forwarding was off before recipe-ci. /run is emptied by a reboot of the host, which resets the switch. */
const WAS_OFF = "/run/recipe-ci/forwarding-was-off";

/** Whether the host lets packets through at all. */
export async function isForwarding(): Promise<boolean> {
  return (await readFile(SWITCH, "utf8")).trim() !== "0";
}

/** Switches IPv4 forwarding on, remembering when it was off. */
export async function switchForwardingOn(): Promise<void> {
  if (await isForwarding()) return;
  await mkdir(dirname(WAS_OFF), { recursive: true });
  await writeFile(WAS_OFF, "");
  await writeFile(SWITCH, "1");
}

/**
 * Switches forwarding off again if recipe-ci switched it on and nobody uses it any more: no bridge of
 * another recipe-ci home, and no forward rules of somebody else, such as a Docker Engine started since. Where rules
 * can't be read, as iptables was removed since, nobody can tell, and it stays.
 */
export async function restoreForwarding(): Promise<void> {
  if ((await ownBridges()).length > 0 || !(await canReadRules())) return;
  if ((await taggedRules("filter", "recipe-ci:")).length > 0) return;
  const wasOff = await exists(WAS_OFF);
  if (wasOff && (await foreignForwardRules()).length === 0) await writeFile(SWITCH, "0");
  await rm(dirname(WAS_OFF), { recursive: true, force: true });
}
