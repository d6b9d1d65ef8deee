/** What a node has once, or so much of, that a task before may still have: words of Swarm's, in its scheduler. */
const HELD = /host-mode port|max replicas per node|insufficient resources/;

/**
 * What is said of a task that no node takes, and whose it is. Whether nodes would have room for the app alone is looked
 * at before it is deployed: where they have too little now, others reserve it, unless the app's own task before does.
 *
 * @param startsFirst its service starts a new task before the one before ends
 */
export function noRoom(said: string, startsFirst: boolean): { message: string; owner: "recipe" | "infra" } {
  if (!HELD.test(said)) return { message: said, owner: "recipe" };
  if (startsFirst) {
    const has = said.includes("host-mode port") ? "the port" : "its place";
    const message = `${said}; the task before it still has ${has}: set deploy.update_config.order to stop-first`;
    return { message, owner: "recipe" };
  }
  if (!said.includes("insufficient resources")) return { message: said, owner: "recipe" };
  return { message: `${said}: what else runs there reserves it (deploy.resources.reservations)`, owner: "infra" };
}
