import { pathToFileURL } from "node:url";
import { describe } from "../../lib/errors.ts";
import { findProgram } from "../../lib/program.ts";
import { dockerCli } from "../../machine/docker-cli.ts";
import { ensurePulumi } from "../../pulumi/locate.ts";
import { connect } from "../../swarm/client.ts";
import { deployTwice } from "./deploy-twice.ts";
import type { Deployment, Node, Outcome } from "./deployment.ts";

/** Answer of a lane for one deployment. */
export interface LaneAnswer {
  /** Its run; empty in the first message, which says that the lane is ready. */
  run: string;
  outcome?: Outcome;
  /** Why there is no outcome. */
  error?: string;
}

// A process of its own that makes the deployments it is told, one after the other: two inline programs of Pulumi
// don't go well together in one process. Arguments: Docker host, folder for home and state.
const [host = "", folder = ""] = process.argv.slice(2);
const [cli, ...flags] = await dockerCli();
const node: Node = {
  swarm: connect(host),
  // By its path: the app's env, in which it runs, has no PATH.
  docker: [(await findProgram(cli)) ?? cli, ...flags, "--host", host],
  pulumi: await ensurePulumi({ onProgress: () => undefined }),
};
// From here on home and state are the lane's own; the engine keeps its absolute paths.
process.env.RECIPE_CI_HOME = folder;
process.env.PULUMI_BACKEND_URL = pathToFileURL(folder).href;
process.env.PULUMI_CONFIG_PASSPHRASE = "test";

process.on("message", async (deployment: Deployment) => {
  const { run } = deployment;
  const answer: LaneAnswer = await deployTwice(node, deployment).then(
    (outcome) => ({ run, outcome }),
    (error: unknown) => ({ run, error: describe(error) }),
  );
  process.send?.(answer);
});
process.send?.({ run: "" } satisfies LaneAnswer);
