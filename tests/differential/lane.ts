import { pathToFileURL } from "node:url";
import { ensureEngine } from "../../engine/locate.ts";
import { describe } from "../../lib/errors.ts";
import { findProgram } from "../../lib/program.ts";
import { dockerCli } from "../../machine/docker-cli.ts";
import { connect } from "../../swarm/client.ts";
import { deployTwice, type Node, type Outcome } from "./deploy-twice.ts";

/** Answer of a lane for one recipe. */
export interface LaneAnswer {
  recipe: string;
  outcome?: Outcome;
  /** Why there is no outcome. */
  error?: string;
}

// A process of its own that deploys the recipes it is told, one after the other: two inline programs of Pulumi
// don't go well together in one process. Arguments: Docker host, folder for home and state.
const [host = "", folder = ""] = process.argv.slice(2);
const [cli, ...flags] = await dockerCli();
const node: Node = {
  swarm: connect(host),
  // By its path: the app's env, in which it runs, has no PATH.
  docker: [(await findProgram(cli)) ?? cli, ...flags, "--host", host],
  engine: await ensureEngine({ onProgress: () => undefined }),
};
// From here on home and state are the lane's own; the engine keeps its absolute paths.
process.env.RECIPE_CI_HOME = folder;
process.env.PULUMI_BACKEND_URL = pathToFileURL(folder).href;
process.env.PULUMI_CONFIG_PASSPHRASE = "test";

process.on("message", async (recipe: string) => {
  const answer: LaneAnswer = await deployTwice(node, recipe).then(
    (outcome) => ({ recipe, outcome }),
    (error: unknown) => ({ recipe, error: describe(error) }),
  );
  process.send?.(answer);
});
process.send?.({ recipe: "" } satisfies LaneAnswer);
