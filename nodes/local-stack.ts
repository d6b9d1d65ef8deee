/** Stack of the node that runs go to where nothing else is said. */
export const LOCAL_STACK = "local";
