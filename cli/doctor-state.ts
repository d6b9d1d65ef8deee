import { readFile } from "node:fs/promises";
import { describe, InfraError, UserError } from "../lib/errors.ts";
import { listRuns } from "../lifecycle/run-folder.ts";
import { inLocalState, stacksInLocalState } from "../pulumi/local-state.ts";
import { isOurs } from "../pulumi/salt.ts";
import { hasDeadLock, refuseLocked } from "../pulumi/state-lock.ts";
import { connect, type Swarm } from "../swarm/client.ts";
import { inventory } from "../swarm/inventory.ts";

/** Most objects that are named one by one. */
const NAMED = 8;

/** Whether Pulumi's state can be used: no dead process holds a stack, and the passphrase is the one it was made with. */
export async function lookAtState(): Promise<string> {
  const stacks = stacksInLocalState();
  if (!stacks) return "not in a folder of this machine: not looked at";
  const problems = stacks.filter(hasDeadLock).flatMap((stack) => lockOf(stack) ?? []);
  for (const stack of stacks) if (!(await isReadable(stack))) problems.push(unreadable(stack));
  if (problems.length > 0) throw new InfraError(problems.join("\n"));
  return `${stacks.length === 0 ? "no stacks yet" : stacks.join(", ")}`;
}

/**
 * Objects on a node that bear the label of a run of which there is neither a stack nor a run that is not over.
 * @throws InfraError naming them
 */
export async function lookForStrays(dockerHost: string): Promise<string> {
  const strays = await straysOn(connect(dockerHost));
  if (strays.size === 0) return "nothing that no stack has";
  const lines = [...strays].map(([run, names]) => {
    const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
    return `of ${run}: ${names.slice(0, NAMED).join(", ")}${more}; remedy: npx recipe-ci end ${run}`;
  });
  throw new InfraError(`there are objects that no stack has\n${lines.join("\n")}`);
}

/** Those objects by the run's name. */
export async function straysOn(swarm: Swarm): Promise<Map<string, string[]>> {
  const unfinished = (await listRuns()).filter(({ finishedAt }) => !finishedAt).map(({ run }) => run);
  const known = new Set([...(stacksInLocalState() ?? []), ...unfinished]);
  const strays = new Map<string, string[]>();
  for (const { run, kind, name } of (await inventory(swarm)).entries) {
    if (run === undefined || known.has(run)) continue;
    strays.set(run, [...(strays.get(run) ?? []), `${kind} ${name}`]);
  }
  return strays;
}

function lockOf(stack: string): string | undefined {
  try {
    refuseLocked(stack);
    return undefined;
  } catch (error) {
    return describe(error);
  }
}

function unreadable(stack: string): string {
  return describe(
    new UserError(`stack ${stack} was made with another passphrase`, {
      remedy: "set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to that one",
    }),
  );
}

/** Whether the secrets of a stack's state can be read. Without any, Pulumi takes another passphrase from then on. */
async function isReadable(stack: string): Promise<boolean> {
  const file = inLocalState("stacks", "recipe-ci", `${stack}.json`);
  const text = file ? await readFile(file, "utf8").catch(() => "") : "";
  const salt = /"salt":\s*"(v1:[^"]+)"/.exec(text)?.[1];
  return salt === undefined || !text.includes('"ciphertext"') || isOurs(salt);
}
