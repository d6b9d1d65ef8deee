import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { present } from "../lib/present.ts";
import { projectPath } from "../lib/project.ts";
import { backendEnv } from "./backend.ts";
import type { Pulumi } from "./locate.ts";

/** Commands under `stack` whose argument is the stack itself. */
const NAMING = new Set(["init", "new", "select", "rm", "remove"]);

/**
 * The stack that a command line of Pulumi is about, without organization and project: the one it names, else the one
 * selected; undefined when it is about none.
 */
export function concernedStack(args: readonly string[], pulumi: Pulumi): string | undefined {
  const name = namedStack(args) ?? (process.env.PULUMI_STACK || selectedStack(pulumi));
  return name?.split("/").at(-1);
}

/** The stack that a command line names itself. */
export function namedStack(args: readonly string[]): string | undefined {
  const end = args.indexOf("--");
  const own = end < 0 ? args : args.slice(0, end);
  for (const [index, arg] of own.entries()) {
    if (arg === "-s" || arg === "--stack") return own[index + 1];
    const joined = /^(?:--stack=|-s=?)(.+)$/.exec(arg);
    if (joined) return joined[1];
  }
  const [command, verb = "", ...rest] = own;
  return command === "stack" && NAMING.has(verb) ? rest.find((arg) => !arg.startsWith("-")) : undefined;
}

/** The stack that is selected for this checkout and backend, as Pulumi's workspace file has it. */
export function selectedStack(pulumi: Pulumi): string | undefined {
  const name = createHash("sha1").update(projectPath("Pulumi.yaml")).digest("hex");
  const file = join(present(pulumi.env.PULUMI_HOME, "PULUMI_HOME"), "workspaces", `recipe-ci-${name}-workspace.json`);
  try {
    const { stack, stacks } = JSON.parse(readFileSync(file, "utf8")) as {
      stack?: string;
      stacks?: Record<string, string>;
    };
    return stacks?.[backendEnv().PULUMI_BACKEND_URL ?? ""] ?? stack;
  } catch {
    return undefined;
  }
}
