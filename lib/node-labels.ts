/**
 * Prefix of the Swarm node labels that say what a node can do: `recipe-ci.capability.ipvs=false`. Any value but
 * `false` says yes.
 */
export const CAPABILITY_LABEL = "recipe-ci.capability.";
