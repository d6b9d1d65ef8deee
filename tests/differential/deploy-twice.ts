import type { AppSpec } from "../../compose/app-spec.ts";
import { loadApp } from "../../compose/load.ts";
import { exec } from "../../lib/exec.ts";
import { removeByRun } from "../../swarm/remove-by-run.ts";
import { RUN_LABEL } from "../../swarm/run-label.ts";
import { UNORDERED } from "../allowances.ts";
import { byDocker } from "./by-docker.ts";
import { byUs } from "./by-us.ts";
import type { Deployment, Node, Outcome } from "./deployment.ts";
import { differences } from "./differences.ts";

/** Deploys all versions of a recipe by the Docker CLI, then by our program, under the same names. */
export async function deployTwice(node: Node, deployment: Deployment): Promise<Outcome> {
  const { run } = deployment;
  const apps = await Promise.all(deployment.versions.map(loadApp));
  await makeExternals(node, apps, run);
  try {
    const theirs = await byDocker(node, deployment, apps);
    const ours = await byUs(node, run, apps);
    const refusals = { theirs: theirs.refusal, ours: ours.refusal };
    const refused = theirs.refusal !== undefined || ours.refusal !== undefined;
    const found = refused ? [] : differences(theirs.objects, ours.objects, UNORDERED);
    return { found, repeated: ours.repeated, refusals };
  } finally {
    await removeByRun(node.swarm, run);
  }
}

/** What the first version expects to be there. */
async function makeExternals({ docker }: Node, [first]: AppSpec[], run: string): Promise<void> {
  const label = ["--label", `${RUN_LABEL}=${run}`];
  for (const { name, external } of first?.volumes ?? []) {
    if (external) await exec([...docker, "volume", "create", ...label, name]);
  }
  for (const { name, external } of first?.configs ?? []) {
    if (external) await exec([...docker, "config", "create", ...label, name, "-"], { input: "made by others" });
  }
}
