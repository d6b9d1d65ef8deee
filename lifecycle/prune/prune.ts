import { isAlive } from "../../lib/process-identity.ts";
import type { Swarm } from "../../swarm/client.ts";
import { enginesOf } from "../../swarm/engines.ts";
import { listRuns } from "../run-folder.ts";
import { engineNotes, gitCaches, pullCaches, removedState } from "./caches.ts";
import { halfMade, rootfsCache } from "./half-made.ts";
import { nodeImages, standInBases } from "./images.ts";
import { imageMirror } from "./mirror.ts";
import { runFolders, workFolders } from "./runs.ts";
import type { Store } from "./store.ts";

/**
 * All that grows with use in recipe-ci's home and on the local node, with what is beyond its bound.
 * @param swarm the local node; undefined when it is not up
 */
export async function stores(swarm: Swarm | undefined): Promise<Store[]> {
  const engines = swarm ? await enginesOf(swarm) : [undefined];
  const active = (await listRuns()).filter((state) => !state.finishedAt && isAlive(state.owner));
  const held = active[0] && `run ${active[0].run} goes on`;
  return Promise.all([
    runFolders(),
    workFolders(),
    removedState(),
    engineNotes(),
    gitCaches(held),
    ...engines.map((engine) => nodeImages(engine, swarm, held)),
    imageMirror(held),
    pullCaches(held),
    standInBases(),
    rootfsCache(),
    halfMade(),
  ]);
}
