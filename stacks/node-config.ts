import { UserError } from "../lib/errors.ts";
import { nearest } from "../lib/nearest.ts";

/** What a node can be, as `recipe-ci:engine` says it. */
export const ENGINE_KINDS = ["local", "existing", "hetzner"] as const;

export type EngineKind = (typeof ENGINE_KINDS)[number];

/** Keys under `recipe-ci:` that stacks/node.ts reads. */
export const NODE_KEYS = ["engine", "name", "memory", "cpus", "initSwarm"] as const;

/** The kind of node that a value of `recipe-ci:engine` names. @throws UserError with the nearest one that there is */
export function parseEngineKind(value: string): EngineKind {
  const kind = ENGINE_KINDS.find((name) => name === value);
  if (kind) return kind;
  const near = nearest(value, ENGINE_KINDS);
  throw new UserError(`there is no engine "${value}"`, {
    place: { key: "recipe-ci:engine" },
    remedy: near
      ? `did you mean ${near}? npx recipe-ci pulumi config set engine ${near}`
      : `use one of ${ENGINE_KINDS.join(", ")}`,
  });
}
