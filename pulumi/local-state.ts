import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { projectPath } from "../lib/project.ts";
import { backendEnv } from "./backend.ts";

/** A place in Pulumi's state; undefined for a state that does not lie in a folder. */
export function inLocalState(...parts: string[]): string | undefined {
  const url = backendEnv().PULUMI_BACKEND_URL ?? "";
  return url.startsWith("file://") ? join(stateFolder(url), ".pulumi", ...parts) : undefined;
}

/** Whether the state is in a folder and has such a stack. */
export function isInLocalState(stack: string): boolean {
  const folder = stacksFolder();
  return folder !== undefined && existsSync(join(folder, `${stack}.json`));
}

/** Names of the stacks in a state that lies in a folder; undefined for another. */
export function stacksInLocalState(): string[] | undefined {
  const folder = stacksFolder();
  if (!folder) return undefined;
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => /^(.*)\.json$/.exec(name)?.[1] ?? []);
}

function stacksFolder(): string | undefined {
  return inLocalState("stacks", "recipe-ci");
}

/** `file://~` and relative ones are Pulumi's own forms. */
function stateFolder(url: string): string {
  const path = url.slice("file://".length);
  if (path.startsWith("~")) return join(homedir(), path.slice(1));
  return path.startsWith("/") ? fileURLToPath(url) : projectPath(path);
}
