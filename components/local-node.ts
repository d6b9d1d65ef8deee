import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { home } from "../lib/home.ts";
import { shortHash } from "../lib/names.ts";
import { projectPath } from "../lib/project.ts";
import type { Capabilities } from "../machine/capabilities.ts";
import type { LocalNode as NodeAnswer, NodeOptions } from "../machine/node.ts";
import { NODE_ROOTFS, nodeSeed } from "../machine/node-rootfs.ts";
import { requirementsKey } from "../machine/requirements.ts";
import { rootfsKey } from "../machine/rootfs.ts";
import { STEP_VARIABLE } from "../machine/step-mark.ts";

/** See {@link NodeOptions}. `mark` is put on every process of its steps. */
export type LocalNodeArgs = NodeOptions & { mark: string };

/**
 * A Swarm of one manager in a machine of its own on this host: the host's programs, root file system, network,
 * machine, Swarm, each a resource that can be repeated, and that takes back what it made when it fails half-way. What
 * makes a machine anew deletes the one before; all of it goes with the stack's guard.
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

  constructor(name: string, args: LocalNodeArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("recipe-ci:index:LocalNode", name, {}, options);
    const { name: machineName, rootfsCache, mark } = args;
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
    const machine = this.step(`${name}-machine`, {
      mark,
      create: "machine up",
      delete: "machine down",
      options: commandOptions(args),
      version: configHash(),
      triggers: [rootfsKey(NODE_ROOTFS), machineName],
      after: [rootfs, network],
    });
    const swarm = this.step(`${name}-swarm`, {
      mark,
      create: "swarm up",
      delete: "swarm down",
      options: commandOptions({ name: machineName }),
      // By the id, not just after it: before a machine is made anew, the engine then deletes the Swarm on the old one.
      triggers: [machine.id],
      after: [machine],
    });

    const node = swarm.stdout.apply((text) => JSON.parse(text) as NodeAnswer);
    this.socket = node.socket;
    this.address = node.address;
    this.mirror = node.mirror;
    this.engineVersion = node.engineVersion;
    this.capabilities = node.capabilities;
    this.registerOutputs({ socket: this.socket, address: this.address });
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
export function commandOptions({ name, memoryMiB, cpus, rootfsCache, mirrorFolder }: Partial<LocalNodeArgs>): string[] {
  const options = { name, memory: memoryMiB, cpus, "rootfs-cache": rootfsCache, "mirror-folder": mirrorFolder };
  return Object.entries(options).flatMap(([key, value]) => (value === undefined ? [] : [`--${key}=${value}`]));
}

/** Changes with the files seeded into a node, so that the engine sees a reason to bring it up to date. */
function configHash(): string {
  return shortHash([JSON.stringify(nodeSeed({ name: "", address: "", nameservers: "" }))]);
}
