import { Guard } from "../components/guard.ts";
import { home } from "../lib/home.ts";

/** The guard of a node's stack. What its `end` takes away, see `machine/main.ts`. */
export function nodeGuard(kind: "node" | "existing", options: string[]): Guard {
  return new Guard(`${kind}-guard`, {
    program: ["machine/main.ts", ...options],
    begin: `${kind} begin`,
    end: `${kind} end`,
    environment: { RECIPE_CI_HOME: home() },
  });
}
