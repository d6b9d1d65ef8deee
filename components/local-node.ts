import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { home } from "../lib/home.ts";
import { shortHash } from "../lib/names.ts";
import { projectPath } from "../lib/project.ts";
import type { Capabilities } from "../machine/capabilities.ts";
import type { LocalNode as NodeAnswer, NodeOptions } from "../machine/node.ts";
import { requirementsKey } from "../machine/requirements.ts";
import { NODE_ROOTFS, nodeSeed } from "../machine/rootfs/node-rootfs.ts";
import { HUB } from "../machine/rootfs/pull-cache.ts";
import { rootfsKey } from "../machine/rootfs/rootfs.ts";
import { STEP_VARIABLE } from "../machine/step-mark.ts";

export interface LocalNodeArgs extends Omit<NodeOptions, "manager"> {
  /** Names of its further machines, which are workers of its Swarm. Default: none. */
  workers?: readonly string[];
  /** Put on every process of its steps. */
  mark: string;
}

/**
 * A Swarm of one manager in a machine of its own on this host, and of workers in further ones: the host's programs, root
 * file system, network, and a machine and its place in the Swarm for each, all of them resources that can be repeated,
 * and that take back what they made when they fail half-way. What makes a machine anew deletes the one before; all of
 * it goes with the stack's guard.
 *
 * More memory or processors apply to the running machine; another root file system makes it anew.
 */
export class LocalNode extends pulumi.ComponentResource {
  /** Docker host, `unix:///…`. */
  readonly socket: pulumi.Output<string>;
  readonly address: pulumi.Output<string>;
  /** Image mirror as this host reaches it, `http://address:5000`. */
  readonly mirror: pulumi.Output<string>;
  readonly engineVersion: pulumi.Output<string>;
  readonly capabilities: pulumi.Output<Capabilities>;
  /** Docker hosts of its workers. */
  readonly workers: pulumi.Output<string[]>;
  /** Its place as the Swarm's manager: what is put into the Swarm goes after it, and is made anew with it. */
  readonly swarm: pulumi.Resource & { id: pulumi.Output<string> };

  constructor(name: string, args: LocalNodeArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("recipe-ci:index:LocalNode", name, {}, options);
    const { rootfsCache, mark } = args;
    const requirements = this.step(`${name}-requirements`, {
      create: "requirements",
      mark,
      version: requirementsKey(),
    });
    const rootfs = this.step(`${name}-rootfs`, {
      create: "rootfs",
      options: commandOptions({ rootfsCache }),
      version: rootfsKey(NODE_ROOTFS),
      mark,
      after: [requirements],
    });
    const network = this.step(`${name}-network`, { create: "network up", mark, after: [requirements] });
    const swarm = this.machine(name, args, [rootfs, network], []);
    const workers: local.Command[] = [];
    // One after another: each takes the first address that nobody has.
    for (const worker of args.workers ?? []) {
      const own = { ...args, name: worker, manager: args.name };
      workers.push(this.machine(`${name}-${worker}`, own, [workers.at(-1) ?? swarm], [swarm.id]));
    }

    const node = swarm.stdout.apply(answer);
    this.workers = pulumi.all(workers.map(({ stdout }) => stdout)).apply((all) => all.map((one) => answer(one).socket));
    this.swarm = swarm;
    this.socket = node.socket;
    this.address = node.address;
    this.mirror = node.mirror;
    this.engineVersion = node.engineVersion;
    this.capabilities = node.capabilities;
    this.registerOutputs({ socket: this.socket, address: this.address });
  }

  /** A machine, and its place in a Swarm. It is made anew when one of `anew` changes. */
  private machine(
    name: string,
    args: NodeOptions & { mark: string },
    after: pulumi.Resource[],
    anew: pulumi.Input<string>[],
  ): local.Command {
    const { mark } = args;
    const machine = this.step(`${name}-machine`, {
      mark,
      create: "machine up",
      delete: "machine down",
      options: commandOptions(args),
      version: configHash(),
      triggers: [rootfsKey(NODE_ROOTFS), args.name, ...anew],
      after,
    });
    return this.step(`${name}-swarm`, {
      mark,
      create: "swarm up",
      delete: "swarm down",
      options: commandOptions({ name: args.name }),
      // By the id, not just after it: before a machine is made anew, Pulumi then deletes the Swarm on the old one.
      triggers: [machine.id],
      after: [machine],
    });
  }

  private step(name: string, { options = [], version = "", after = [], mark, ...step }: Step): local.Command {
    return new local.Command(
      name,
      {
        create: step.create,
        delete: step.delete,
        triggers: step.triggers,
        // The step becomes one argument after these: no shell ever reads it.
        interpreter: [process.execPath, projectPath("machine/main.ts"), ...options],
        environment: { RECIPE_CI_HOME: home(), RECIPE_CI_STEP_VERSION: version, [STEP_VARIABLE]: mark },
        logging: local.Logging.Stderr,
      },
      { parent: this, dependsOn: after, deleteBeforeReplace: true },
    );
  }
}

/** One step of `machine/main.ts` as a resource: `create` runs again, in place, when `options` or `version` change. */
interface Step {
  create: string;
  delete?: string;
  mark: string;
  options?: string[];
  /** Changes with what the step makes, where the options don't tell. */
  version?: string;
  /** A change of one makes the resource anew. */
  triggers?: pulumi.Input<string>[];
  after?: pulumi.Resource[];
}

/** Options of `machine/main.ts`; those not given are left to it. */
export function commandOptions(given: Partial<NodeOptions>): string[] {
  const { name, manager, baseDomain, cacheOf, memoryMiB, cpus, rootfsCache, mirrorFolder } = given;
  const shared = {
    "base-domain": baseDomain,
    "cache-of": cacheOf,
    "rootfs-cache": rootfsCache,
    "mirror-folder": mirrorFolder,
  };
  const options = { name, manager, memory: memoryMiB, cpus, ...shared };
  return Object.entries(options).flatMap(([key, value]) => (value === undefined ? [] : [`--${key}=${value}`]));
}

function answer(stdout: string): NodeAnswer {
  return JSON.parse(stdout) as NodeAnswer;
}

/** Changes with the files seeded into a node, so that Pulumi sees a reason to bring it up to date. */
function configHash(): string {
  return shortHash([JSON.stringify(nodeSeed({ name: "", address: "", nameservers: "", entry: "", cacheOf: HUB }))]);
}
