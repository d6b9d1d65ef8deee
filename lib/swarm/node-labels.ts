/**
 * Prefix of the Swarm node labels that say what a node can do: `recipe-ci.capability.ipvs=false`. Any value but
 * `false` says yes.
 */
export const CAPABILITY_LABEL = "recipe-ci.capability.";

/** Swarm node label that says where the node's Docker Engine is reached, as in `DOCKER_HOST`. */
export const ENGINE_LABEL = "recipe-ci.engine";

/** Swarm node label of one that is to leave: `true`, and no run is given it any more. */
export const LEAVING_LABEL = "recipe-ci.leaving";

/** Label of the config that says which node a run was given; its value is the node's id. */
export const PLACE_LABEL = "recipe-ci.place";
