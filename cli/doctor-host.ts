import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { InfraError } from "../lib/errors.ts";
import { exists } from "../lib/exists.ts";
import { home } from "../lib/home.ts";
import { projectPath } from "../lib/project.ts";
import { requireGo } from "../pulumi/go.ts";
import { findPulumi } from "../pulumi/locate.ts";
import { configuredKind } from "./node.ts";

const MIB = 1 << 20;

/** MiB that a first start takes: Pulumi with what Go compiles for it, the root file system, images. */
const FIRST_START_MIB = 8 * 1024;
/** MiB that later runs should find free. */
const LATER_MIB = 1024;

/** What Pulumi there is, or what making it needs. @throws UserError where it must be built and Go is missing */
export async function lookAtPulumi(): Promise<string> {
  const found = await findPulumi();
  if (found) return `${found.version} (${found.source}) in ${found.root}`;
  const lacking = await requireGo(projectPath("pulumi/modules/cli")).then(
    () => undefined,
    (error: Error) => error,
  );
  if (lacking && process.env.RECIPE_CI_ENGINE === "built") throw lacking;
  return `not made yet: the first run downloads or builds it${lacking ? ` (${lacking.message})` : ""}`;
}

/** What the host has and lacks for the kind of node that is configured. @throws UserError, InfraError */
export function lookAtHost(): Promise<string> {
  return configuredKind().lookAtHost();
}

/** Whether the home's disk has room. @throws InfraError */
export async function lookAtDisk(): Promise<string> {
  let folder = home();
  while (!(await exists(folder))) folder = dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  const free = Math.floor((bavail * bsize) / MIB);
  const needed = (await exists(home("state"))) ? LATER_MIB : FIRST_START_MIB;
  if (free >= needed) return `${free} MiB free for ${home()}`;
  throw new InfraError(`${free} MiB free for ${home()}, ${needed} MiB needed`, {
    remedy: "free some space, or set RECIPE_CI_HOME to a folder on a larger disk",
  });
}
