import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LoadOptions } from "../../compose/load.ts";
import { exec } from "../../lib/exec.ts";
import { until } from "../../lib/until.ts";

/** A recipe as the Docker CLI is to deploy it. */
export interface StackDeploy {
  /** Docker CLI, by its path, with its host. */
  docker: readonly [string, ...string[]];
  from: Pick<LoadOptions, "checkout" | "recipe" | "commit">;
  namespace: string;
  /** All variables of the app. */
  env: Readonly<Record<string, string>>;
}

/** Deploys with `docker stack deploy`, then adds to service `app` what abra adds. Waits for no task. */
export async function stackDeploy({ docker, from, namespace, env }: StackDeploy): Promise<void> {
  const config = await mkdtemp(join(tmpdir(), "recipe-ci-test-"));
  const run = (...args: string[]) =>
    exec([...docker, "--config", config, ...args], { cwd: from.checkout, env: { ...env } });
  const app = `${namespace}_app`;
  try {
    const files = (env.COMPOSE_FILE || "compose.yml").split(":").flatMap((file) => ["--compose-file", file]);
    await inSequence(() => run("stack", "deploy", "--detach=true", "--resolve-image=always", ...files, namespace));
    const [{ Spec }] = JSON.parse(await run("service", "inspect", app));
    await inSequence(() => run("service", "update", "--detach=true", ...abraFlags(Spec, from, namespace, env), app));
  } finally {
    await rm(config, { recursive: true, force: true });
  }
}

/** Tries again where the Swarm itself changed a service between the CLI's look at it and its update. */
async function inSequence(step: () => Promise<unknown>): Promise<void> {
  const attempt = async () => {
    try {
      await step();
      return { done: true as const, value: undefined };
    } catch (error) {
      const reason = String(error);
      if (!reason.includes("update out of sequence")) throw error;
      return { done: false as const, reason };
    }
  };
  await until(attempt, { what: "an update in sequence", deadline: "30 s" });
}

interface AppSpec {
  Labels: Record<string, string>;
  TaskTemplate: { ContainerSpec: { Env?: string[] } };
}

/**
 * What `abra app deploy` adds to service `app` after it has merged the compose files: labels with recipe and version,
 * and every variable of the app that the service has not itself. `TYPE` and `RECIPE` name the version deployed.
 */
function abraFlags(
  { Labels, TaskTemplate }: AppSpec,
  { recipe, commit }: StackDeploy["from"],
  namespace: string,
  env: StackDeploy["env"],
): string[] {
  const prefix = `coop-cloud.${namespace}`;
  const version = Labels[`${prefix}.version`] || commit.slice(0, 8);
  const type = `${recipe}:${version}`;
  const types = {
    ...("TYPE" in env || !("RECIPE" in env) ? { TYPE: type } : {}),
    ...("RECIPE" in env ? { RECIPE: type } : {}),
  };
  const own = new Set((TaskTemplate.ContainerSpec.Env ?? []).map((line) => line.split("=")[0]));
  const added = Object.entries({ ...env, ...types }).filter(([key]) => !own.has(key));
  const labels = { [`${prefix}.recipe`]: recipe, [`${prefix}.chaos`]: "false", [`${prefix}.version`]: version };
  return [
    ...added.map(([key, value]) => `--env-add=${key}=${value}`),
    ...Object.entries(labels).map(([key, value]) => `--label-add=${key}=${value}`),
  ];
}
