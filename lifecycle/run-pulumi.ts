import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { present } from "../lib/present.ts";
import { backendEnv } from "../pulumi/backend.ts";
import type { Pulumi } from "../pulumi/locate.ts";
import { RUN_VARIABLE } from "./pulumi-processes.ts";
import { workFolder } from "./run-folder.ts";

/**
 * Environment of a run's Pulumi. What Pulumi writes beside the state, logs and notes on workspaces, goes into the
 * run's own work folder and ends with it; plugins are those of Pulumi. A stack that lives for a minute needs no backup
 * of each checkpoint, and no checkpoint before an operation ends: what a killed one has made is found by its label
 * (`teardown.ts`, `reaper.ts`), and the file of a hundred resources was written anew twice for each of them.
 */
export async function runEnvironment(run: string, pulumi: Pulumi): Promise<Record<string, string>> {
  const own = join(workFolder(run), "engine");
  const shared = present(pulumi.env.PULUMI_HOME, "PULUMI_HOME");
  await mkdir(own, { recursive: true, mode: 0o700 });
  await symlink(join(shared, "plugins"), join(own, "plugins")).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  return {
    ...pulumi.env,
    ...backendEnv(),
    PULUMI_HOME: own,
    PULUMI_CREDENTIALS_PATH: process.env.PULUMI_CREDENTIALS_PATH ?? shared,
    // Each of a run's processes of Pulumi lives for a second or two: a fifth of its time went into collecting garbage.
    GOGC: process.env.GOGC ?? "800",
    GOMEMLIMIT: process.env.GOMEMLIMIT ?? "512MiB",
    PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: "true",
    PULUMI_SKIP_CHECKPOINTS: "true",
    [RUN_VARIABLE]: run,
  };
}
