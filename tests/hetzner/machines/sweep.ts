import { readdir, rm } from "node:fs/promises";
import { home } from "../../../lib/home.ts";
import { hostStep } from "../../../machine/host.ts";
import { destroyMachine, machineLeftovers } from "../../../machine/machine.ts";
import { removeRules } from "../../../machine/network/firewall.ts";
import { loopDevices } from "./disks.ts";
import { bridgeDown, bridgePrefix } from "./private-network.ts";

/** Takes away all that a look-alike made in this home and that is left, whoever was killed before he could. */
export async function sweep(): Promise<void> {
  for (const name of await machineNames()) await destroyMachine(name);
  for (const device of await loopDevices(home("disks")))
    await hostStep("release a loop device", ["losetup", "--detach", device]);
  await rm(home("disks"), { recursive: true, force: true });
  for (const bridge of await privateBridges()) await bridgeDown(bridge);
  // Of bridges that are gone already.
  await removeRules(bridgePrefix());
}

/** What exists of a look-alike's machines on this host, in words. */
export async function leftovers(): Promise<string[]> {
  return [
    ...(await Promise.all((await machineNames()).map(machineLeftovers))).flat(),
    ...(await loopDevices(home("disks"))).map((device) => `loop device ${device}`),
    ...(await privateBridges()).map((bridge) => `link ${bridge}`),
  ];
}

async function machineNames(): Promise<string[]> {
  return readdir(home("machines")).catch(() => []);
}

async function privateBridges(): Promise<string[]> {
  return (await readdir("/sys/class/net")).filter((name) => name.startsWith(bridgePrefix()));
}
