import * as pulumi from "@pulumi/pulumi";
import { describe } from "./lib/errors.ts";
import { refuseUnknownKeys } from "./stacks/known-keys.ts";
import { nodeStack } from "./stacks/node.ts";
import { parseEngineKind } from "./stacks/node-config.ts";
import { recipeStackByHand } from "./stacks/recipe-by-hand.ts";

// The program of `pulumi up` in this folder: a stack with a `recipe` in its config is that recipe under test,
// any other is a node.
export default async () => {
  const config = new pulumi.Config();
  const recipe = config.get("recipe");
  try {
    refuseUnknownKeys(Object.keys(pulumi.runtime.allConfig()));
    parseEngineKind(config.get("engine") ?? "local");
    return recipe ? await recipeStackByHand(recipe, config) : await nodeStack(config);
  } catch (error) {
    // What a user can mend is shown without a stack trace.
    throw new pulumi.RunError(describe(error));
  }
};
