import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { home } from "../lib/home.ts";
import { shortHash } from "../lib/names.ts";
import { projectPath } from "../lib/project.ts";
import type { Capabilities } from "../machine/capabilities.ts";
import type { LocalNode as NodeAnswer, NodeOptions } from "../machine/node.ts";
import { NODE_ROOTFS, nodeSeed } from "../machine/node-rootfs.ts";
import { rootfsKey } from "../machine/rootfs.ts";

/** See {@link NodeOptions}. */
export type LocalNodeArgs = NodeOptions;

/**
 * A Swarm of one manager in a machine of its own on this host: root file system, network, machine, Swarm, each a
 * resource that can be repeated. Deleting one removes what it made and verifies that it is gone, but for the caches:
 * the root file system, and the blobs of the image mirror.
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
    const rootfs = this.step(`${name}-rootfs`, args, { create: "rootfs" });
    const network = this.step(`${name}-network`, args, { create: "network up", delete: "network down" }, rootfs);
    const machine = this.step(`${name}-machine`, args, { create: "machine up", delete: "machine down" }, network);
    const swarm = this.step(`${name}-swarm`, args, { create: "swarm up", delete: "swarm down" }, machine);

    const node = swarm.stdout.apply((text) => JSON.parse(text) as NodeAnswer);
    this.socket = node.socket;
    this.address = node.address;
    this.mirror = node.mirror;
    this.engineVersion = node.engineVersion;
    this.capabilities = node.capabilities;
    this.registerOutputs({ socket: this.socket, address: this.address });
  }

  private step(
    name: string,
    args: LocalNodeArgs,
    steps: { create: string; delete?: string },
    after?: pulumi.Resource,
  ): local.Command {
    return new local.Command(
      name,
      {
        ...steps,
        // The step becomes one argument after these: no shell ever reads it.
        interpreter: [process.execPath, projectPath("machine/main.ts"), ...commandOptions(args)],
        environment: { RECIPE_CI_HOME: home(), RECIPE_CI_NODE_CONFIG: configHash() },
        triggers: [rootfsKey(NODE_ROOTFS), args.name],
        logging: local.Logging.Stderr,
      },
      { parent: this, dependsOn: after ? [after] : [], deleteBeforeReplace: true },
    );
  }
}

/** Options of `machine/main.ts` for a node. */
export function commandOptions({ name, memoryMiB, cpus, rootfsCache, mirrorFolder }: LocalNodeArgs): string[] {
  return [
    `--name=${name}`,
    `--memory=${memoryMiB}`,
    `--cpus=${cpus}`,
    ...(rootfsCache ? [`--rootfs-cache=${rootfsCache}`] : []),
    ...(mirrorFolder ? [`--mirror-folder=${mirrorFolder}`] : []),
  ];
}

/** Changes with the files seeded into a node, so that the engine sees a reason to bring it up to date. */
function configHash(): string {
  return shortHash([JSON.stringify(nodeSeed({ name: "", address: "", nameservers: "" }))]);
}
