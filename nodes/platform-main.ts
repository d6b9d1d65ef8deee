import { parseArgs } from "node:util";
import { pinnedReference } from "../images/digest.ts";
import { ensureImages } from "../images/ensure.ts";
import { TRAEFIK_IMAGE } from "../images/own.ts";
import { InfraError, UserError } from "../lib/errors.ts";
import { PacedSteps } from "../lib/paced-steps.ts";
import { present } from "../lib/present.ts";
import { answerStep, stepNamed } from "../lib/step-program.ts";
import { toStderr } from "../machine/progress.ts";
import { PROXY_NETWORK } from "../machine/swarm.ts";
import { connect, type Swarm } from "../swarm/client.ts";
import { networkId } from "../swarm/networks.ts";
import { traefikReady } from "./traefik-ready.ts";

/*
 * One step in the life of a node's Traefik, for the commands of components/traefik.ts:
 *
 *   DOCKER_HOST=… node nodes/platform-main.ts [options] STEP
 *
 * Every step may be repeated. Answers and exit codes as in machine/main.ts.
 */

const OPTIONS = {
  /** host:port of the node's image mirror as its engine sees it. */
  mirror: { type: "string", default: "" },
} as const;

const STEPS: Record<string, (swarm: Swarm, mirror: string) => Promise<unknown>> = {
  image,
  ready: (swarm) => traefikReady(swarm),
};

/** Sees to it that the image is on the node, and says what a service refers to. */
async function image(swarm: Swarm, mirror: string): Promise<{ image: string; network: string }> {
  const { step } = new PacedSteps(toStderr);
  const images = [{ image: TRAEFIK_IMAGE, usedBy: { file: "the node's Traefik" }, ours: true }];
  await ensureImages({ swarm, images, mirror: mirror || undefined, onStep: step });
  const network = await networkId(swarm, PROXY_NETWORK);
  if (!network) throw new InfraError(`the node has no network ${PROXY_NETWORK}`);
  return { image: (await pinnedReference(swarm, TRAEFIK_IMAGE)) ?? TRAEFIK_IMAGE, network };
}

await answerStep(() => {
  const { values, positionals } = parseArgs({ args: process.argv.slice(2), options: OPTIONS, allowPositionals: true });
  const step = stepNamed(STEPS, positionals.join(" "));
  const host = process.env.DOCKER_HOST;
  if (!host) throw new UserError("DOCKER_HOST is not set");
  return step(connect(present(host, "the engine")), values.mirror);
});
