import { availableParallelism } from "node:os";
import * as pulumi from "@pulumi/pulumi";
import { LocalNode } from "../../components/local-node.ts";
import { stepMark } from "../../machine/step-mark.ts";
import { nodeGuard } from "../guard.ts";
import type { NodeOutputs } from "../node.ts";

/** MiB a local node may use when the config says nothing: the largest recipes need about six. */
const DEFAULT_MEMORY_MIB = 8192;

/** Config: `name` (default `local`), `memory` in MiB (default 8192), `cpus` (default: all). */
export function localProgram(config: pulumi.Config): NodeOutputs {
  const name = config.get("name") ?? "local";
  const stack = pulumi.getStack();
  nodeGuard("node", [`--stack=${stack}`, `--name=${name}`]).protectAll();
  const node = new LocalNode("node", {
    name,
    memoryMiB: config.getNumber("memory") ?? DEFAULT_MEMORY_MIB,
    cpus: config.getNumber("cpus") ?? availableParallelism(),
    mark: stepMark(stack),
  });
  const { socket, address, mirror, engineVersion, capabilities } = node;
  return { socket, address, mirror, engineVersion, capabilities };
}
