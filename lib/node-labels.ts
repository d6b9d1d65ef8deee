/**
 * Prefix of the Swarm node labels that say what a node can do: `recipe-ci.capability.ipvs=false`. Any value but
 * `false` says yes.
 */
export const CAPABILITY_LABEL = "recipe-ci.capability.";

/** Swarm node label that says where the node's Docker Engine is reached, as in `DOCKER_HOST`. */
export const ENGINE_LABEL = "recipe-ci.engine";
