import type { AppSpec } from "../../compose/app-spec.ts";
import { appEnv } from "../../compose/env/app-env.ts";
import type { LoadOptions } from "../../compose/load.ts";
import { ExecError, exec, run } from "../../lib/exec.ts";
import { until } from "../../lib/until.ts";
import { found } from "../../swarm/client.ts";
import { whenFree } from "../fixtures/when-free.ts";
import { type Deployment, inspectApp, type Made, type Node, namesOf, SECRET } from "./deployment.ts";
import { type Inspects, inspectAll, type Names, normalise } from "./inspects.ts";
import { stackDeploy } from "./stack-deploy.ts";

/** Deploys each version over the one before with the Docker CLI, looks at what stands, and removes it all. */
export async function byDocker(node: Node, { versions }: Deployment, apps: AppSpec[]): Promise<Made> {
  const stages: Inspects[] = [];
  try {
    for (const [index, version] of versions.entries()) {
      const refusal = await deploy(node, version, apps.slice(0, index + 1));
      if (refusal) return { objects: {}, refusal };
      stages.push(await inspectApp(node.docker, apps));
    }
    return { objects: normalise(stages, apps) };
  } finally {
    await removeNamespace(node, apps);
  }
}

/** Deploys the last of some versions; gives the CLI's words when it is not taken over the one before. */
async function deploy(node: Node, version: LoadOptions, apps: AppSpec[]): Promise<string | undefined> {
  const { docker } = node;
  const app = apps.at(-1);
  if (!app) return undefined;
  const old = new Set(namesOf(apps.slice(0, -1)).secrets);
  for (const { name, content } of app.secrets) {
    if (!old.has(name) && !content) await exec([...docker, "secret", "create", name, "-"], { input: SECRET });
  }
  try {
    const { env } = await appEnv(version);
    await stackDeploy({ docker, from: version, namespace: app.namespace, env });
  } catch (error) {
    if (apps.length > 1 && error instanceof ExecError) return error.message;
    throw error;
  }
  await volumesOf(node, app);
  return undefined;
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
async function removeNamespace(node: Node, apps: AppSpec[]): Promise<void> {
  const { swarm, docker } = node;
  const [{ namespace } = { namespace: "" }] = apps;
  const filters = { label: [`com.docker.stack.namespace=${namespace}`] };
  const { volumes } = ownNames(apps);
  await whenFree(namespace, () => exec([...docker, "stack", "rm", "--detach=true", namespace]));
  const { secrets } = namesOf(apps);
  // Those of a head that was refused were not all made.
  if (secrets.length > 0) await run([...docker, "secret", "rm", ...secrets]);
  await until(
    async () => {
      const containers = await swarm.docker.listContainers({ all: true, filters });
      const ended = containers.map(({ Id }) => swarm.docker.getContainer(Id).remove({ force: true, v: true }));
      await Promise.allSettled(ended);
      await Promise.allSettled(volumes.map((name) => swarm.docker.getVolume(name).remove()));
      const left = await namespaceObjects(node, apps, filters);
      return left.length ? { done: false, reason: `${left} left` } : { done: true, value: undefined };
    },
    { what: `removal of ${namespace}`, deadline: "60 s", every: "200 ms" },
  );
}

async function namespaceObjects({ swarm, docker }: Node, apps: AppSpec[], filters: { label: string[] }) {
  const [containers, networks, services] = await Promise.all([
    swarm.docker.listContainers({ all: true, filters }),
    swarm.docker.listNetworks({ filters }),
    swarm.docker.listServices({ filters }),
  ]);
  const named = await inspectAll(docker, { ...ownNames(apps), networks: [] });
  return [
    ...[...containers, ...networks].map(({ Id }) => Id),
    ...services.map(({ ID }) => ID),
    ...Object.entries(named).flatMap(([kind, list]) => list.map(() => kind)),
  ];
}

/** Names of what some version has made; what head only takes over was base's own. */
function ownNames(apps: AppSpec[]): Names {
  const own = <T extends { external: boolean }>(list: T[]) => list.filter(({ external }) => !external);
  return namesOf(apps.map((app) => ({ ...app, configs: own(app.configs), volumes: own(app.volumes) })));
}
