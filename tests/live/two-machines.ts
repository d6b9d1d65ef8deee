import { home } from "../../lib/home.ts";
import { present } from "../../lib/present.ts";
import { ENGINE_LABEL } from "../../lib/swarm/node-labels.ts";
import { until } from "../../lib/until.ts";
import { machineLayout, workerNames } from "../../machine/layout.ts";
import { destroyMachine, readSpec } from "../../machine/machine.ts";
import { networkDown } from "../../machine/network/network.ts";
import { ensureMachineRunning, nodeMachineUp, nodeSwarmUp } from "../../machine/node.ts";
import { powerOff } from "../../machine/power.ts";
import { connect, type Swarm } from "../../swarm/client.ts";
import { enginesOf, type NamedEngine, swarmNodes } from "../../swarm/engines.ts";
import { ownHome } from "./own-home.ts";
import type { TestAuthority } from "./tls-engine.ts";

const MANAGER = "local";
/** Domain whose names lead containers of both to the manager. */
export const BASE_DOMAIN = "ci.test";
/** Host name of the second machine. */
export const WORKER = workerNames(MANAGER, 1)[0] ?? "";

interface NodeSpec {
  Labels?: Record<string, string>;
  Availability?: string;
}

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
    const options = { memoryMiB: 4096, cpus: 2, mirrorFolder, baseDomain: BASE_DOMAIN };
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

  /**
   * Makes both engines listen behind TLS as well, and the Swarm's labels say so; gives the manager's docker host.
   *
   * @param authority whose folder `DOCKER_CERT_PATH` names
   */
  async listenByTls(authority: TestAuthority): Promise<string> {
    const hosts = new Map<string, string>();
    for (const name of [MANAGER, WORKER]) {
      const { address } = present(await readSpec(name), name);
      hosts.set(name, await authority.listen(name, address));
    }
    // A manager whose engine began anew leads its Swarm a moment later.
    await until(
      async () => {
        const states = (await swarmNodes(this.swarm).catch(() => [])).map(({ state }) => state);
        const reason = states.join() || "no answer";
        return reason === "ready,ready" ? { done: true, value: undefined } : { done: false, reason };
      },
      { what: "both machines ready again", deadline: "60 s" },
    );
    for (const { id, name } of await swarmNodes(this.swarm))
      await this.#change(id, ({ Labels, ...spec }) => ({
        ...spec,
        Labels: { ...Labels, [ENGINE_LABEL]: present(hosts.get(name), name) },
      }));
    return present(hosts.get(MANAGER), MANAGER);
  }

  /** The Swarm's labels say again how a machine of this host is reached. */
  async listenBySocket(): Promise<void> {
    for (const name of [MANAGER, WORKER]) await nodeSwarmUp(name);
  }

  async #change(id: string, change: (spec: NodeSpec) => NodeSpec): Promise<void> {
    const node = this.swarm.docker.getNode(id);
    const { Spec, Version }: { Spec: NodeSpec; Version: { Index: number } } = await node.inspect();
    await node.update({ ...change(Spec), version: Version.Index });
  }

  /** Whether the second machine takes tasks. */
  async setAvailability(Availability: "active" | "pause"): Promise<void> {
    const id = (await swarmNodes(this.swarm)).find(({ name }) => name === WORKER)?.id ?? "";
    await this.#change(id, (spec) => ({ ...spec, Availability }));
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
