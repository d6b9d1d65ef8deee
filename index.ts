import * as pulumi from "@pulumi/pulumi";
import { describe } from "./lib/errors.ts";
import { parseNodeKind } from "./nodes/kinds.ts";
import { shippedConfig } from "./pulumi/stack-file.ts";
import { refuseUnknownKeys } from "./stacks/known-keys.ts";
import { nodeStack } from "./stacks/node.ts";
import { recipeStackByHand } from "./stacks/recipe-by-hand.ts";

// The program of `pulumi up` in this folder: a stack with a `recipe` in its config is that recipe under test,
// any other is a node.
export default async () => {
  // The runner reads source maps for every stack trace, and the SDK takes one for each promise of each resource: a
  // quarter of this program's time. Node keeps the places of TypeScript without.
  Reflect.deleteProperty(Error, "prepareStackTrace");
  const config = new pulumi.Config();
  try {
    for (const [key, value] of Object.entries(shippedConfig(pulumi.getStack()))) {
      if (config.get(key) === undefined) pulumi.runtime.setConfig(`${config.name}:${key}`, value);
    }
    const recipe = config.get("recipe");
    refuseUnknownKeys(Object.keys(pulumi.runtime.allConfig()));
    parseNodeKind(config.get("node"));
    return recipe ? await recipeStackByHand(recipe, config) : await nodeStack(config);
  } catch (error) {
    // What a user can mend is shown without a stack trace.
    throw new pulumi.RunError(describe(error));
  }
};
