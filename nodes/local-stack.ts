/** Stack of the node that runs go to where nothing else is said, and the name of its machine. */
export const LOCAL_STACK = "local";

/** Stack of the node that runs go to: `RECIPE_CI_NODE_STACK`, else {@link LOCAL_STACK}. */
export function runStack(): string {
  return process.env.RECIPE_CI_NODE_STACK || LOCAL_STACK;
}

/** What helps where its node is broken for good. */
export function makeAnew(): string {
  return `npx recipe-ci pulumi destroy -s ${runStack()}, then run again, makes it anew`;
}
