import { chmod, writeFile } from "node:fs/promises";
import { projectPath } from "../lib/project.ts";

/**
 * Text of a program that runs one of this checkout's TypeScript plugins. It lies in the cache, outside the checkout,
 * so where Node and the checkout are comes by environment variables ({@link launcherEnvironment}).
 */
export function launcher(script: string): string {
  return `#!/bin/sh
if [ -z "$RECIPE_CI_NODE" ] || [ -z "$RECIPE_CI_ROOT" ]; then
  echo "RECIPE_CI_NODE or RECIPE_CI_ROOT is not set: start Pulumi by 'recipe-ci pulumi ...'" >&2
  exit 1
fi
exec "$RECIPE_CI_NODE" "$RECIPE_CI_ROOT/${script}" "$@"
`;
}

/** Writes a launcher as an executable file. */
export async function writeLauncher(file: string, script: string): Promise<void> {
  await writeFile(file, launcher(script));
  await chmod(file, 0o755);
}

/** What the launchers need: this Node, and this checkout. */
export function launcherEnvironment(): Record<string, string> {
  return { RECIPE_CI_NODE: process.execPath, RECIPE_CI_ROOT: projectPath().replace(/\/$/, "") };
}
