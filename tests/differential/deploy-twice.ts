import type { AppSpec } from "../../compose/app-spec.ts";
import type { Engine } from "../../engine/locate.ts";
import { exec } from "../../lib/exec.ts";
import { until } from "../../lib/until.ts";
import { openRun } from "../../lifecycle/run-folder.ts";
import { destroy, type Operation, openStack, up } from "../../lifecycle/stack.ts";
import { found, type Swarm } from "../../swarm/client.ts";
import { drain } from "../../swarm/drain.ts";
import { removeByRun } from "../../swarm/remove-by-run.ts";
import { RUN_LABEL } from "../../swarm/run-label.ts";
import { UNORDERED } from "../allowances.ts";
import { corpusEnv, corpusOptions, loadCorpus } from "../corpus.ts";
import { type Difference, differences, type Objects } from "./differences.ts";
import { inspectAll, type Names, normalise } from "./inspects.ts";
import { appProgram } from "./program.ts";
import { stackDeploy } from "./stack-deploy.ts";

const SECRET = "a value of no importance";
/** For both updates of one recipe, and for its removal. */
const LIMIT_MS = 90_000;

/** What came of one recipe. */
export interface Outcome {
  found: Difference[];
  /** Changes of the update that repeats the first one, e.g. `{ same: 5 }`. */
  repeated: Record<string, number>;
}

export interface Node {
  swarm: Swarm;
  /** Docker CLI, by its path, with its host. */
  docker: readonly [string, ...string[]];
  engine: Engine;
}

/** Deploys a recipe by the Docker CLI, then by our program, under the same names. */
export async function deployTwice(node: Node, recipe: string): Promise<Outcome> {
  const { swarm, docker } = node;
  const run = `differential-${process.pid}-${recipe}`;
  const app = await loadCorpus(recipe, run);
  const external = app.volumes.filter((volume) => volume.external).map(({ name }) => name);
  for (const name of external) await exec([...docker, "volume", "create", "--label", `${RUN_LABEL}=${run}`, name]);
  try {
    const theirs = await byDocker(node, app, run);
    const ours = await byUs(node, app, run);
    return { found: differences(theirs, ours.objects, UNORDERED), repeated: ours.repeated.changes };
  } finally {
    await removeByRun(swarm, run);
  }
}

async function byDocker(node: Node, app: AppSpec, run: string): Promise<Objects> {
  const { docker } = node;
  const { namespace } = app;
  const from = await corpusOptions(app.recipe, run);
  try {
    for (const { name } of app.secrets) await exec([...docker, "secret", "create", name, "-"], { input: SECRET });
    await stackDeploy({ docker, from, namespace, env: await corpusEnv(app.recipe, run) });
    await volumesOf(node, app);
    return normalise(await inspectAll(docker, namesOf(app)), app);
  } finally {
    await removeNamespace(node, app);
  }
}

/** The Docker CLI leaves volumes to the tasks: waits for those of services that have any. */
async function volumesOf({ swarm }: Node, app: AppSpec): Promise<void> {
  const running = app.services.filter(({ mode }) => mode.kind !== "replicated" || mode.replicas > 0);
  const mounted = new Set(running.flatMap((service) => service.mounts.map((mount) => mount.source)));
  const names = app.volumes.map(({ name }) => name).filter((name) => mounted.has(name));
  await until(
    async () => {
      const volumes = await Promise.all(names.map((name) => found(swarm.docker.getVolume(name).inspect())));
      const missing = names.filter((_, index) => volumes[index] === undefined);
      return missing.length ? { done: false, reason: `no ${missing}` } : { done: true, value: undefined };
    },
    { what: `volumes of ${app.recipe}`, deadline: "60 s", every: "100 ms" },
  );
}

/** Ends what `docker stack deploy` made: containers at once, then all else; until nothing is left. */
async function removeNamespace(node: Node, app: AppSpec): Promise<void> {
  const { swarm, docker } = node;
  const filter = { label: [`com.docker.stack.namespace=${app.namespace}`] };
  await exec([...docker, "stack", "rm", "--detach=true", app.namespace]);
  for (const { name } of app.secrets) await exec([...docker, "secret", "rm", name]).catch(() => undefined);
  await until(
    async () => {
      const containers = await swarm.docker.listContainers({ all: true, filters: filter });
      const ended = containers.map(({ Id }) => swarm.docker.getContainer(Id).remove({ force: true, v: true }));
      await Promise.allSettled(ended);
      const own = app.volumes.filter((volume) => !volume.external);
      await Promise.allSettled(own.map(({ name }) => swarm.docker.getVolume(name).remove()));
      const left = await namespaceObjects(node, app, filter);
      return left.length ? { done: false, reason: `${left} left` } : { done: true, value: undefined };
    },
    { what: `removal of ${app.namespace}`, deadline: "60 s", every: "200 ms" },
  );
}

async function namespaceObjects(
  { swarm, docker }: Node,
  app: AppSpec,
  filters: { label: string[] },
): Promise<string[]> {
  const [containers, networks, services] = await Promise.all([
    swarm.docker.listContainers({ all: true, filters }),
    swarm.docker.listNetworks({ filters }),
    swarm.docker.listServices({ filters }),
  ]);
  const { volumes, ...rest } = await inspectAll(docker, { ...namesOf(app), networks: [] });
  const external = new Set(app.volumes.filter((volume) => volume.external).map(({ name }) => name));
  return [
    ...[...containers, ...networks].map(({ Id }) => Id),
    ...services.map(({ ID }) => ID),
    ...Object.entries(rest).flatMap(([kind, list]) => list.map(() => kind)),
    ...volumes.map(({ Name }) => String(Name)).filter((name) => !external.has(name)),
  ];
}

async function byUs(node: Node, app: AppSpec, run: string): Promise<{ objects: Objects; repeated: Operation }> {
  const { swarm, docker, engine } = node;
  await openRun({ run, recipe: app.recipe, dockerHost: swarm.host });
  const stack = await openStack(run, engine, true);
  const program = await appProgram(swarm, app, run, SECRET);
  const signal = AbortSignal.timeout(LIMIT_MS);
  const quiet = () => undefined;
  try {
    succeed(await up(stack, program, signal, quiet));
    const objects = normalise(await inspectAll(docker, namesOf(app)), app);
    const repeated = await up(stack, program, signal, quiet);
    succeed(repeated);
    return { objects, repeated };
  } finally {
    const last = AbortSignal.timeout(LIMIT_MS);
    const [gone] = await Promise.all([destroy(stack, last, quiet), drain(swarm, run)]);
    // As in a run's teardown: the provider's delete gives up on a container that takes all of its grace time.
    if (gone.failures.length > 0 || gone.error) succeed(await destroy(stack, last, quiet, true));
  }
}

function succeed({ failures, error }: Operation): void {
  const reasons = [...failures.map(({ urn, message }) => `${urn}: ${message}`), ...(error ? [error] : [])];
  if (reasons.length > 0) throw new Error(reasons.join("\n"));
}

function namesOf(app: AppSpec): Names {
  const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);
  return {
    services: names(app.services),
    networks: names(app.networks),
    secrets: names(app.secrets),
    configs: names(app.configs),
    volumes: names(app.volumes),
  };
}
