/** Stack of the node that runs go to where nothing else is said. */
export const LOCAL_STACK = "local";

/** What helps where its node is broken for good. */
export const MAKE_ANEW = `npx recipe-ci pulumi destroy -s ${LOCAL_STACK}, then run again, makes it anew`;
