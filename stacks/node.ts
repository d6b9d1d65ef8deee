import type * as pulumi from "@pulumi/pulumi";
import { nodeKind, parseNodeKind } from "../nodes/kinds.ts";
import type { NodeOutputs } from "../nodes/node.ts";

/**
 * The program of a node's stack: the Swarm that recipes are tested on, of the kind that `node` in its config names.
 *
 * @throws UserError for a kind that there is not
 */
export async function nodeStack(config: pulumi.Config): Promise<NodeOutputs> {
  return nodeKind(parseNodeKind(config.get("node"))).program(config);
}
