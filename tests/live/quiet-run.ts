import { ensureEngine } from "../../engine/locate.ts";
import type { RunResult } from "../../lifecycle/result.ts";
import { runRecipe } from "../../lifecycle/run.ts";
import type { RunArgs } from "../../lifecycle/session.ts";
import { MIRROR_PORT } from "../../machine/node-rootfs.ts";
import { quietListener } from "../fixtures/quiet-listener.ts";

/** What a test says of a run; all else is as the command line has it. Default: a local node, and nobody is told. */
type QuietRun = Pick<RunArgs, "run" | "definition" | "located" | "dockerHost"> &
  Partial<Pick<RunArgs, "nodeKind" | "listener" | "placeOn">>;

/** A run in this process, with the node's own mirror. */
export async function quietRun(args: QuietRun): Promise<RunResult> {
  return runRecipe({
    engine: await ensureEngine({ onProgress: () => undefined }),
    nodeKind: "local",
    mirror: `127.0.0.1:${MIRROR_PORT}`,
    listener: quietListener,
    signal: new AbortController().signal,
    ...args,
  });
}
