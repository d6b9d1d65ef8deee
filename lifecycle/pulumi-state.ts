import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { exists } from "../lib/exists.ts";
import { backendEnv } from "../pulumi/backend.ts";

/** The project's name in Pulumi's state: the same whether a stack is driven from here or by hand. */
export const PROJECT = "recipe-ci";

/** Where Pulumi's file backend keeps something of a stack beside its state: a folder of the stack's name in each. */
const FOLDERS = [join("locks", "organization", PROJECT), join("history", PROJECT), join("backups", PROJECT)];

/** Takes away what the file backend keeps of a stack that it has no more. Nothing where the state is elsewhere. */
export async function forgetRemovedStack(stack: string): Promise<void> {
  const state = stateFolder();
  if (!state || (await exists(join(state, "stacks", PROJECT, `${stack}.json`)))) return;
  await Promise.all([
    ...FOLDERS.map((folder) => rm(join(state, folder, stack), { recursive: true, force: true })),
    ...["json.bak", "json.bak.attrs", "json.attrs"].map((end) =>
      rm(join(state, "stacks", PROJECT, `${stack}.${end}`), { force: true }),
    ),
  ]);
}

/** Stacks of which the file backend keeps something though it has them no more. */
export async function removedStacks(): Promise<string[]> {
  const state = stateFolder();
  if (!state) return [];
  const lists = await Promise.all(FOLDERS.map((folder) => readdir(join(state, folder)).catch((): string[] => [])));
  const names = [...new Set(lists.flat())].sort();
  const there = await Promise.all(names.map((name) => exists(join(state, "stacks", PROJECT, `${name}.json`))));
  return names.filter((_, index) => !there[index]);
}

/** Folder of the file backend; undefined for a backend of another kind. */
export function stateFolder(): string | undefined {
  const { PULUMI_BACKEND_URL: url = "" } = backendEnv();
  return url.startsWith("file:///") ? join(fileURLToPath(url), ".pulumi") : undefined;
}
