import type { RunResult } from "../../lifecycle/result.ts";
import { runRecipe } from "../../lifecycle/run.ts";
import type { RunArgs } from "../../lifecycle/session.ts";
import { MIRROR_PORT } from "../../machine/rootfs/node-rootfs.ts";
import { ensurePulumi } from "../../pulumi/locate.ts";
import type { RecipeDefinition } from "../../recipes/define-recipe.ts";
import { settle } from "../../recipes/settle.ts";
import { namesIn } from "../../stacks/deployments.ts";
import { type Located, locateVersions } from "../../stacks/versions.ts";
import { quietListener } from "../fixtures/quiet-listener.ts";

interface Recipe {
  definition: RecipeDefinition;
  located: Located;
}

/** What a test says of a run; all else is as the command line has it. Default: a local node, and nobody is told; versions are those that its source has. */
type QuietRun = Pick<Recipe, "definition"> &
  Partial<Pick<Recipe, "located">> &
  Pick<RunArgs, "run" | "dockerHost"> &
  Partial<Pick<RunArgs, "nodeKind" | "listener" | "placeOn">> & {
    /** What it needs, each after what that needs itself. Default: nothing. */
    dependencies?: Recipe[];
  };

/** A run in this process, with the node's own mirror. */
export async function quietRun({ definition, located, dependencies = [], ...args }: QuietRun): Promise<RunResult> {
  const namesOf = namesIn(args.run);
  const others = dependencies.map((one) => one.definition);
  const settled = (one: RecipeDefinition) => settle(one, others, namesOf);
  return runRecipe({
    pulumi: await ensurePulumi({ onProgress: () => undefined }),
    nodeKind: "local",
    mirror: `127.0.0.1:${MIRROR_PORT}`,
    listener: quietListener,
    signal: new AbortController().signal,
    definition: settled(definition),
    located: located ?? (await locateVersions(definition)),
    dependencies: dependencies.map((one) => ({ ...one, definition: settled(one.definition) })),
    namesOf,
    ...args,
  });
}
