import { app, type JudgedRecipe } from "./data-recipes.ts";

const HAS = "$$(cat /proc/sys/vm/max_map_count)";
/** A search engine's own look at the kernel, as it starts. */
const wants = (least: string) =>
  app({
    does: `least=${least}; [ ${HAS} -ge $$least ] || { echo "max virtual memory areas vm.max_map_count [${HAS}] is too low, increase to at least [$$least]"; exit 78; }`,
  });
const ended = (says: RegExp, owner?: "infra") => ({ check: "install.converged", says, owner });

/** Recipes by what they want of the node that they run on. */
export const NODE_RECIPES: Record<string, JudgedRecipe> = {
  "an app that wants more of the kernel than the node's has": {
    fails: ended(
      /^data-\S+ wants at least 2147483647 of the kernel's vm\.max_map_count, which is \d+ on the node/,
      "infra",
    ),
    head: wants("2147483647"),
  },
  "one that wants what the node's has": { head: wants(HAS) },
  "one that says so without cause": {
    fails: ended(/^data-\S+: task failed/),
    head: app({ does: "echo vm.max_map_count is too low, increase to at least 1; exit 78" }),
  },
  "an app that begins by what it gets from the internet": {
    fails: ended(
      /^data-\S+ asks for plugins\.wiki\.org, and containers of this node find no name of the internet/,
      "infra",
    ),
    head: app({ does: "wget -O /data/plugin http://plugins.wiki.org/a || exit 1" }),
  },
};
