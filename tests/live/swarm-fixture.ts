import { randomBytes } from "node:crypto";
import type Docker from "dockerode";
import { ensureImages } from "../../images/ensure.ts";
import { home } from "../../lib/home.ts";
import { connect, ping, type Swarm } from "../../swarm/client.ts";
import type { Inventory } from "../../swarm/inventory.ts";
import { removeByRun } from "../../swarm/remove-by-run.ts";
import { RUN_LABEL } from "../../swarm/run-label.ts";

/** Two versions of a small image that has a shell. */
export const IMAGE = "busybox:1.37.0";
export const OTHER_IMAGE = "busybox:1.35.0";

/** A program that runs until it is told to stop. */
export const SERVE = ["sh", "-c", "echo up; trap 'exit 0' TERM; sleep 1000 & wait"];

const SECOND = 1_000_000_000;

/** The Swarm to test on: `RECIPE_CI_TEST_DOCKER_HOST`, else the local node. Throws one line when none answers. */
export async function testSwarm(): Promise<Swarm> {
  const socket = home("machines", "local", "run", "docker.sock");
  const swarm = connect(process.env.RECIPE_CI_TEST_DOCKER_HOST ?? `unix://${socket}`);
  await ping(swarm);
  return swarm;
}

/** The same, with both test images on it. */
export async function testSwarmWithImages(): Promise<Swarm> {
  const swarm = await testSwarm();
  await ensureImages({ swarm, images: [IMAGE, OTHER_IMAGE].map((image) => ({ image, usedBy: {} })) });
  return swarm;
}

/**
 * What came to a node and what went since: all that is new, and what was there and held data or state. Containers
 * and tasks that were there before may be on their way out.
 */
export function changesSince(before: Inventory, after: Inventory): { came: string[]; went: string[] } {
  const named = ({ entries }: Inventory) => new Map(entries.map((entry) => [entry.id, `${entry.kind} ${entry.name}`]));
  const [old, now] = [named(before), named(after)];
  const lasting = before.entries.filter(({ kind }) => kind !== "container" && kind !== "task");
  return {
    came: [...now].filter(([id]) => !old.has(id)).map(([, name]) => name),
    went: lasting.filter(({ id }) => !now.has(id)).map(({ kind, name }) => `${kind} ${name}`),
  };
}

export const UNCHANGED = { came: [], went: [] };

/** Things of one run, removed by label in the end. */
export class TestRun implements AsyncDisposable {
  readonly name = `test-${randomBytes(4).toString("hex")}`;
  readonly swarm: Swarm;

  constructor(swarm: Swarm) {
    this.swarm = swarm;
  }

  get labels(): Record<string, string> {
    return { [RUN_LABEL]: this.name };
  }

  /** Creates a service `<run>_<key>` with one replica and gives its name. */
  async service(key: string, container: Docker.ContainerSpec, more: Docker.ServiceSpec = {}): Promise<string> {
    const name = `${this.name}_${key}`;
    await this.swarm.docker.createService({
      Name: name,
      Labels: this.labels,
      Mode: { Replicated: { Replicas: 1 } },
      EndpointSpec: { Mode: "dnsrr" },
      ...more,
      TaskTemplate: {
        RestartPolicy: { Condition: "any", Delay: SECOND / 2 },
        ...more.TaskTemplate,
        ContainerSpec: { Image: IMAGE, Command: SERVE, StopGracePeriod: SECOND, Labels: this.labels, ...container },
      },
    });
    return name;
  }

  /** Changes the container of a service as an upgrade does. */
  async update(name: string, container: Docker.ContainerSpec, more: Docker.ServiceSpec = {}): Promise<void> {
    const service = this.swarm.docker.getService(name);
    const { Spec, Version }: Docker.Service = await service.inspect();
    const template: Docker.ContainerTaskSpec = Spec?.TaskTemplate ?? {};
    const TaskTemplate = { ...template, ContainerSpec: { ...template.ContainerSpec, ...container } };
    await service.update({ ...Spec, ...more, TaskTemplate, version: Version?.Index });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { left, reason } = await removeByRun(this.swarm, this.name);
    if (left.length) throw new Error(`test objects are left: ${left.map((one) => one.name).join(", ")} (${reason})`);
  }
}

/** A health check that asks twice a second. */
export function healthcheck(test: string[], startPeriod = 0, retries = 2): Docker.ContainerSpec {
  return {
    HealthCheck: {
      Test: test,
      Interval: SECOND / 2,
      Timeout: 2 * SECOND,
      Retries: retries,
      StartPeriod: startPeriod * SECOND,
    },
  };
}
