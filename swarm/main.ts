import { json } from "node:stream/consumers";
import { isDeepStrictEqual } from "node:util";
import { describe, UserError } from "../lib/errors.ts";
import { until } from "../lib/until.ts";
import { connect, engineMessage, found, type Swarm, statusOf } from "./client.ts";
import { ENTRY_LABELS } from "./entry/labels.ts";
import { removeService } from "./services.ts";

// `node swarm/main.ts KIND STEP`: makes, changes or removes one object by the Engine API; a program of its own, so
// that the command provider can call it. The object's spec comes by standard input as JSON, its id goes out by
// standard output. The engine is DOCKER_HOST.

type Spec = Record<string, unknown> & { Name: string };

/** What can be done with one kind of object. */
interface Steps {
  create(swarm: Swarm, spec: Spec): Promise<string>;
  update(swarm: Swarm, spec: Spec): Promise<string>;
  remove(swarm: Swarm, spec: Spec): Promise<void>;
}

const services: Steps = {
  create: (swarm, spec) =>
    orOwn(spec, () => swarm.docker.createService(spec), {
      look: () => swarm.docker.getService(spec.Name).inspect(),
      take: () => services.update(swarm, spec),
    }),
  update: async ({ docker }, spec) => {
    const service = docker.getService(spec.Name);
    const { Version, ID } = await service.inspect();
    await service.update({ ...spec, version: Version.Index });
    return ID;
  },
  remove: (swarm, { Name }) => removeService(swarm, Name),
};

const configs: Steps = {
  create: ({ docker }, spec) =>
    orOwn(spec, () => docker.createConfig(spec), {
      look: () => docker.getConfig(spec.Name).inspect(),
    }),
  update: async ({ docker }, spec) => {
    const { ID, Spec, Version } = await docker.getConfig(spec.Name).inspect();
    // Swarm takes new labels, and nothing else.
    if (Spec?.Data !== spec.Data) {
      throw new UserError(`config ${spec.Name} can't be changed`, { remedy: "give it a new name: bump its version" });
    }
    await docker.getConfig(ID).update({ ...spec, version: Version?.Index });
    return ID;
  },
  remove: async ({ docker }, spec) => void (await found(docker.getConfig(spec.Name).remove())),
};

const secrets: Steps = {
  create: ({ docker }, spec) =>
    orOwn(spec, () => docker.createSecret(spec), {
      look: () => docker.getSecret(spec.Name).inspect(),
    }),
  update: async (_, { Name }) => {
    throw new UserError(`secret ${Name} can't be changed`, { remedy: "give it a new name" });
  },
  remove: async ({ docker }, spec) => void (await found(docker.getSecret(spec.Name).remove())),
};

const networks: Steps = {
  create: createNetwork,
  // As `docker stack deploy` does: a network that is there is left as it is.
  update: async ({ docker }, spec) => (await docker.getNetwork(spec.Name).inspect()).Id,
  remove: removeNetwork,
};

/**
 * Makes what is the platform's, or goes on with what an `up` made that was killed before it was in a state: under the
 * same name, which tells the content, and with the same labels. Anything else of that name is another's.
 *
 * @param there looks at what has the name, and makes it what the spec says. Default: it is that already
 */
async function orOwn(
  spec: Spec,
  make: () => Promise<{ id: string }>,
  there: { look(): Promise<{ ID: string; Spec?: { Labels?: unknown } }>; take?(): Promise<string> },
): Promise<string> {
  try {
    return (await make()).id;
  } catch (error) {
    const labels = spec.Labels as Record<string, string> | undefined;
    if (statusOf(error) !== 409 || labels?.[ENTRY_LABELS.platform] === undefined) throw error;
    const own = await there.look();
    if (!isDeepStrictEqual(own.Spec?.Labels, labels)) throw error;
    return there.take ? there.take() : own.ID;
  }
}

// An engine may know a network of that name for a moment longer than its Swarm, which has removed it.
async function createNetwork({ docker }: Swarm, spec: Spec): Promise<string> {
  return until(
    async () => {
      try {
        return { done: true, value: (await docker.createNetwork(spec)).id };
      } catch (error) {
        if (statusOf(error) !== 409) throw error;
        return { done: false, reason: engineMessage(error) };
      }
    },
    { what: `network ${spec.Name} made`, deadline: "5 s" },
  );
}

// Swarm lets go of a network a moment after the last task on it has ended.
async function removeNetwork({ docker }: Swarm, { Name }: Spec): Promise<void> {
  await until(
    async () => {
      try {
        await found(docker.getNetwork(Name).remove());
        return { done: true, value: undefined };
      } catch (error) {
        const reason = engineMessage(error);
        if (!/in use|active endpoints/.test(reason)) throw error;
        return { done: false, reason };
      }
    },
    { what: `removal of network ${Name}`, deadline: "2 min" },
  );
}

const KINDS: Record<string, Steps> = { service: services, config: configs, network: networks, secret: secrets };

async function main([kind = "", step = ""]: string[]): Promise<void> {
  const steps = KINDS[kind];
  const host = process.env.DOCKER_HOST;
  if (!steps || !host)
    throw new UserError("usage: DOCKER_HOST=… node swarm/main.ts service|config|network|secret create|update|remove");
  const swarm = connect(host);
  const spec = (await json(process.stdin)) as Spec;
  if (step === "create") process.stdout.write(await steps.create(swarm, spec));
  else if (step === "update") process.stdout.write(await steps.update(swarm, spec));
  else if (step === "remove") await steps.remove(swarm, spec);
  else throw new UserError(`there is no step "${step}"`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${describe(error)}\n`);
  process.exitCode = 1;
}
