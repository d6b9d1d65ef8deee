/** Label on every object that belongs to a run; its value is the run's name. */
export const RUN_LABEL = "recipe-ci.run";

/** Label Swarm tools put on every object of a namespace (docker/cli, cli/compose/convert). */
export const NAMESPACE_LABEL = "com.docker.stack.namespace";

/** Labels Swarm puts on a task's container (moby, daemon/cluster/executor/container). */
export const SERVICE_ID_LABEL = "com.docker.swarm.service.id";
export const SERVICE_NAME_LABEL = "com.docker.swarm.service.name";
