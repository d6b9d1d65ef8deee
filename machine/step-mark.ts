import { home } from "../lib/home.ts";

/** Variable that the steps of one node's stack carry, and all that they start, the machine's supervisor included. */
export const STEP_VARIABLE = "RECIPE_CI_STEP_OF";

/** Its value for the stack of that name. */
export function stepMark(stack: string): string {
  return `${home()}#${stack}`;
}
