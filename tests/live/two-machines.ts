import { home } from "../../lib/home.ts";
import { machineLayout, workerNames } from "../../machine/layout.ts";
import { destroyMachine } from "../../machine/machine.ts";
import { networkDown } from "../../machine/network.ts";
import { ensureMachineRunning, nodeMachineUp, nodeSwarmUp } from "../../machine/node.ts";
import { powerOff } from "../../machine/power.ts";
import { connect, type Swarm } from "../../swarm/client.ts";
import { enginesOf, type NamedEngine, swarmNodes } from "../../swarm/engines.ts";
import { ownHome } from "./own-home.ts";

const MANAGER = "local";
/** Host name of the second machine. */
export const WORKER = workerNames(MANAGER, 1)[0] ?? "";

/** A node of a test's own, of two machines in one Swarm, in a home of its own. */
export class TwoMachines implements AsyncDisposable {
  readonly swarm: Swarm;
  private readonly own: AsyncDisposable;

  private constructor(own: AsyncDisposable, dockerHost: string) {
    this.own = own;
    this.swarm = connect(dockerHost);
  }

  static async up(): Promise<TwoMachines> {
    const mirrorFolder = home("mirror");
    const own = await ownHome("two");
    const options = { memoryMiB: 4096, cpus: 2, mirrorFolder };
    try {
      for (const machine of [{ name: MANAGER }, { name: WORKER, manager: MANAGER }]) {
        await nodeMachineUp({ ...options, ...machine }, () => undefined);
        await nodeSwarmUp(machine.name);
      }
      return new TwoMachines(own, `unix://${machineLayout(MANAGER).socket}`);
    } catch (error) {
      await takeDown(own);
      throw error;
    }
  }

  /** The second machine's engine. Throws when the Swarm does not know how to reach it. */
  async worker(): Promise<NamedEngine> {
    const worker = (await enginesOf(this.swarm)).find(({ node }) => node === WORKER);
    if (!worker) throw new Error(`the Swarm shows no engine of ${WORKER}`);
    return worker;
  }

  /** Whether the second machine takes tasks. */
  async setAvailability(Availability: "active" | "pause"): Promise<void> {
    const id = (await swarmNodes(this.swarm)).find(({ name }) => name === WORKER)?.id ?? "";
    const node = this.swarm.docker.getNode(id);
    const { Spec, Version }: { Spec: object; Version: { Index: number } } = await node.inspect();
    await node.update({ ...Spec, Availability, version: Version.Index });
  }

  /** Pulls the second machine's plug. */
  powerOffWorker(): Promise<void> {
    return powerOff(machineLayout(WORKER), "hard");
  }

  /** Both run, and are one Swarm. */
  async mend(): Promise<void> {
    await ensureMachineRunning(MANAGER);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await takeDown(this.own);
  }
}

/** What there is of both, whole or half made. */
async function takeDown(own: AsyncDisposable): Promise<void> {
  for (const name of [WORKER, MANAGER]) await destroyMachine(name);
  await networkDown();
  await own[Symbol.asyncDispose]();
}
