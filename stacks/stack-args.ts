import type { FileKeeper } from "../checks/browser/browser-host.ts";
import type { CheckRecorder } from "../checks/recorder.ts";
import type { Swarm } from "../swarm/client.ts";
import type { StackPhase } from "./phases.ts";
import type { Prepared } from "./prepared.ts";

/** Everything the program of a recipe's stack needs; all of it is found before Pulumi starts. */
export interface RecipeStackArgs extends Omit<Prepared, "node" | "adaptations" | "standIns"> {
  /** Stack name: the value of the run label. */
  run: string;
  /** The stack holds everything up to this phase. */
  phase: StackPhase;
  /** The subject's services are away, and all else of it stays. Default: they are there. */
  undeployed?: boolean;
  swarm: Swarm;
  recorder: CheckRecorder;
  signal: AbortSignal;
  /** Where files of failures are kept. Default: nowhere. */
  keeper?: FileKeeper;
  /** Digest of a recipe's definition, where it may change from one `up` to the next. Default: it does not. */
  digestOf?: (recipe: string) => string;
}
