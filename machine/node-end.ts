import { InfraError } from "../lib/errors.ts";
import { home } from "../lib/home.ts";
import { endMarked } from "../lib/marked-processes.ts";
import { endOrphanedPlugins } from "../lib/orphaned-plugins.ts";
import { allSpecs, destroyMachine, machineLeftovers, workersOf } from "./machine.ts";
import { bridgeName, networkDown, networkLeftovers } from "./network/network.ts";
import { removeStaging } from "./rootfs/rootfs.ts";
import { STEP_VARIABLE, stepMark } from "./step-mark.ts";

/**
 * Takes away all that a node's stack may have on this host, finished or not: steps that a killed `up` left running,
 * the machines, and the network after the last machine of this home. What stays are caches: root file systems, and
 * the blobs of the image mirror.
 *
 * @param had every name the node has had
 * @throws InfraError naming what is left
 */
export async function endNode(stack: string, had: readonly string[]): Promise<void> {
  await endOrphanedPlugins();
  await endMarked(STEP_VARIABLE, stepMark(stack));
  const workers = (await Promise.all(had.map(workersOf))).flat();
  const names = [...new Set([...had, ...workers.map(({ name }) => name)])];
  for (const name of names) await destroyMachine(name);
  const isLast = (await allSpecs()).length === 0;
  if (isLast) {
    await networkDown();
    await removeStaging(home("rootfs"));
  }
  const left = [
    ...(await Promise.all(names.map(machineLeftovers))).flat(),
    ...(isLast ? await networkLeftovers(bridgeName()) : []),
  ];
  if (left.length > 0) throw new InfraError(`still on this host: ${left.join(", ")}`);
}
