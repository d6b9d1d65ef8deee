import { UserError } from "../lib/errors.ts";
import { nearest } from "../lib/nearest.ts";
import { stackConfig, stackFile } from "../pulumi/stack-file.ts";
import { existingNode } from "./existing/kind.ts";
import { localNode } from "./local/kind.ts";
import { LOCAL_STACK } from "./local-stack.ts";
import type { NodeKind, NodeKindName } from "./node.ts";

/** A kind for each name; `hetzner` is to come. */
const KINDS = { local: localNode, existing: existingNode } satisfies Partial<Record<NodeKindName, NodeKind>>;
const NAMES: readonly NodeKindName[] = ["local", "existing", "hetzner"];

/** Keys under `recipe-ci:` that the stack of a node may have. */
export const NODE_KEYS: readonly string[] = ["node", ...new Set(Object.values(KINDS).flatMap(({ keys }) => keys))];

/** The kind of node that a value of `recipe-ci:node` names. @throws UserError with the nearest one that there is */
export function parseNodeKind(value = "local"): NodeKindName {
  const kind = NAMES.find((name) => name === value);
  if (kind) return kind;
  const near = nearest(value, NAMES);
  throw new UserError(`there is no kind of node "${value}"`, {
    place: { key: "recipe-ci:node" },
    remedy: near
      ? `did you mean ${near}? npx recipe-ci pulumi config set node ${near}`
      : `use one of ${NAMES.join(", ")}`,
  });
}

/** What the kind does that the settings of a stack name. @throws UserError for one that is not built yet */
export function nodeKind(name: NodeKindName, stack: string): NodeKind {
  if (name !== "hetzner") return KINDS[name];
  throw new UserError("a node at hetzner can't be made yet", {
    place: { file: stackFile(stack), key: "recipe-ci:node" },
    remedy: `npx recipe-ci pulumi config set node local -s ${stack}`,
  });
}

/** The kind of node that runs go to: what the settings of stack `local` say. @throws UserError as {@link nodeKind} */
export function chosenKind(): NodeKind {
  return nodeKind(parseNodeKind(stackConfig(LOCAL_STACK).node), LOCAL_STACK);
}
