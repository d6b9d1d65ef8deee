import { UserError } from "../lib/errors.ts";
import { lacksDockerCli } from "../machine/docker-cli.ts";
import { ensureDockerCli } from "../pulumi/locate.ts";
import type { ProgressPrinter } from "./progress.ts";

/**
 * Sees to it that there is a Docker CLI that reads compose files as operators' tools do. Without Go none can be built,
 * and the older one in the local node's root file system has to do.
 *
 * @throws InfraError when the build fails
 */
export async function readyDockerCli(progress: ProgressPrinter, signal?: AbortSignal): Promise<void> {
  if (!(await lacksDockerCli())) return;
  await ensureDockerCli({ onProgress: progress.step, signal }).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    progress.line(`compose files are read by an older Docker CLI, which knows less of them: ${error.message}`);
    progress.line("  remedy: install Go, or a Docker CLI of version 28 or newer");
  });
  progress.close();
}
