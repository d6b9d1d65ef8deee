import type { CheckDefinition } from "../checks/check.ts";
import type { HttpExpectation } from "../checks/http.ts";
import type { Journey } from "../checks/journey.ts";
import type { Seed } from "../checks/seed.ts";
import type { TcpExpectation } from "../checks/tcp.ts";
import type { Duration } from "../lib/duration.ts";
import type { Waiver } from "../lint/waivers.ts";

/** A recipe kept as plain folders: head, and beside it the releases, each with only the files that differ. */
export interface FolderSource {
  folder: string;
  releases?: string;
}

/** Phases after which a recipe's own checks may be asked. */
export const ASKED_AFTER = ["install", "upgrade", "restore", "custom"] as const;
export type AskedAfter = (typeof ASKED_AFTER)[number];

/** A check of a recipe's own. */
export interface OwnCheck extends CheckDefinition {
  /**
   * The phases after which it is asked: of what that phase left. Default: `custom`, once, after all others. A phase
   * that a run leaves out asks nothing.
   */
  after?: AskedAfter[];
}

/** How one recipe is tested. Everything has a default: a recipe without a definition gets the generic checks. */
export interface RecipeDefinition {
  /** Name of the recipe. */
  name: string;
  /** Where the recipe is: a git URL or folder, or plain folders; relative paths start at the project. */
  source?: string | FolderSource;
  /** What a healthy app answers. Default: `GET /` through the Traefik label's port must give 200. */
  health?: { http: HttpExpectation } | { tcp: TcpExpectation };
  /** Data written before upgrade and backup, looked for afterwards. Default: a marker file in one of the volumes. */
  seeds?: Seed[];
  /**
   * The recipe's own checks, one after another as they stand here. Names are prefixed with `custom.`, or with
   * `<phase>.custom-` in other phases. Default: none.
   */
  custom?: OwnCheck[];
  /** What a person does after install and must find again after every later phase. Default: nothing. */
  journeys?: Journey[];
  /** Variables over those of `.env.sample`, as an operator sets them who installs the app. */
  env?: Record<string, string>;
  /**
   * Variables that the release notes of head tell operators to set before they upgrade to it. Theirs stay as the
   * release they come from made them, so what only head's `.env.sample` has is not there. Default: none.
   */
  upgradeEnv?: Record<string, string>;
  /** Values of secrets that can't be generated, by key; an empty one is none. Default: none. */
  secrets?: Record<string, string>;
  /** Failed tasks tolerated per service while it starts. Default 0. */
  restarts?: number;
  /** How long nothing may change after convergence, and before tasks are ended on purpose. Default `2 s`, and then `5 s`. */
  stableFor?: Duration;
  /** Longest wait for convergence. Default: the recipe's own TIMEOUT, at least 60 s. */
  convergence?: Duration;
  /** Why this recipe has no backup to test, e.g. "stores nothing". Default: backup is tested. */
  noBackup?: string;
  /** Why the backup is not restored in a second app beside the first, e.g. "needs 6 GiB". Default: it is. */
  noSecondApp?: string;
  /**
   * What the recipe declares external and the node lacks: made for the run, under names of its own, and removed with
   * it. A network is an empty overlay network. Default: nothing; what is external must be on the node.
   */
  provides?: { networks?: string[] };
  /** Findings of `recipe-ci lint` that are accepted, each with a reason. Default: none. */
  waivers?: Waiver[];
}

/** Types a recipe's `ci.ts`. */
export function defineRecipe(definition: RecipeDefinition): RecipeDefinition {
  return definition;
}
