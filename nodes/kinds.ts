import { STORE, STORE_KEYS } from "../checks/backup/store.ts";
import { LOGINS_KEY } from "../images/registry-logins.ts";
import { UserError } from "../lib/errors.ts";
import { nearest } from "../lib/nearest.ts";
import { stackConfig } from "../pulumi/stack-file.ts";
import { existingNode } from "./existing/kind.ts";
import { hetznerNode } from "./hetzner/kind.ts";
import { localNode } from "./local/kind.ts";
import { runStack } from "./local-stack.ts";
import type { NodeKind, NodeKindName } from "./node.ts";
import { PLATFORM_KEYS } from "./platform-settings.ts";

const KINDS: Readonly<Record<NodeKindName, NodeKind>> = {
  local: localNode,
  existing: existingNode,
  hetzner: hetznerNode,
};
const NAMES = Object.keys(KINDS) as NodeKindName[];

/** Keys under `recipe-ci:` of a node's stack that runs on it read. */
export const RUN_KEYS: readonly string[] = [LOGINS_KEY, STORE.key, STORE_KEYS.key];

/** Keys under `recipe-ci:` that the stack of a node may have. */
export const NODE_KEYS: readonly string[] = [
  "node",
  ...RUN_KEYS,
  ...PLATFORM_KEYS,
  ...new Set(Object.values(KINDS).flatMap(({ keys }) => keys)),
];

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

/** What the kind does that the settings of a stack name. */
export function nodeKind(name: NodeKindName): NodeKind {
  return KINDS[name];
}

/** The kind of node that runs go to: what the settings of its stack say. @throws UserError as {@link parseNodeKind} */
export function chosenKind(): NodeKind {
  return nodeKind(parseNodeKind(stackConfig(runStack()).node));
}
