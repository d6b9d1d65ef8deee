import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as docker from "@pulumi/docker";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { SwarmApp } from "../../components/swarm-app.ts";
import type { AppSpec } from "../../compose/app-spec.ts";
import { openRun } from "../../lifecycle/run-folder.ts";
import { destroy, openStack, up } from "../../lifecycle/stack.ts";
import { ensurePulumi, type Pulumi } from "../../pulumi/locate.ts";
import { exactConfigs, exactServices } from "../../stacks/exact-services.ts";
import { inventory } from "../../swarm/inventory.ts";
import { removeByRun } from "../../swarm/remove-by-run.ts";
import { RUN_LABEL } from "../../swarm/run-label.ts";
import { appSpec, serviceSpec } from "../fixtures/spec.ts";
import { IMAGE, testSwarmWithImages } from "./swarm-fixture.ts";

const RUN = `test-swarm-app-${process.pid}`;
const NAMESPACE = `tsa${process.pid}`;
const { signal } = new AbortController();

/** What the provider can't say (ulimits, tty) and what it would replace for (a network's aliases). */
function app(aliases: string[], template: string): AppSpec {
  const network = { key: "net", name: `${NAMESPACE}_net` };
  return appSpec({
    namespace: NAMESPACE,
    services: [
      serviceSpec({
        name: `${NAMESPACE}_app`,
        image: IMAGE,
        command: ["sleep", "1000"],
        env: { GREETING: "hello", PASSED: null },
        ulimits: [{ name: "nofile", soft: 1000, hard: 2000 }],
        tty: true,
        stopGracePeriod: 1_000_000_000,
        endpointMode: "dnsrr",
        networks: [{ ...network, aliases }],
        configs: [{ key: "motd", name: `${NAMESPACE}_motd_v1`, file: "/motd", uid: "0", gid: "0", mode: 0o444 }],
      }),
      serviceSpec({
        key: "plain",
        name: `${NAMESPACE}_plain`,
        image: IMAGE,
        command: ["sleep", "1000"],
        stopGracePeriod: 1_000_000_000,
        endpointMode: "dnsrr",
        networks: [{ ...network, aliases: ["plain", ...aliases] }],
      }),
    ],
    networks: [{ ...network, external: false, driverOpts: {}, internal: false, attachable: false, labels: {} }],
    volumes: [],
    secrets: [],
    configs: [
      {
        key: "motd",
        name: `${NAMESPACE}_motd_v1`,
        external: false,
        labels: {},
        data: Buffer.from(template).toString("base64"),
        templateDriver: "golang",
      },
    ],
  });
}

describe("what the docker provider can't say", () => {
  let pulumi: Pulumi;
  let folder: string;
  let stack: Stack;
  let swarm: Awaited<ReturnType<typeof testSwarmWithImages>>;
  const base = app(["app"], 'says {{ env "GREETING" }}');
  const head = app(["app", "web"], 'says {{ env "GREETING" }}');

  beforeAll(async () => {
    swarm = await testSwarmWithImages();
    pulumi = await ensurePulumi({ onProgress: () => undefined });
    folder = await mkdtemp(join(tmpdir(), "recipe-ci-swarm-app-"));
    vi.stubEnv("RECIPE_CI_HOME", join(folder, "home"));
    vi.stubEnv("PULUMI_BACKEND_URL", pathToFileURL(folder).href);
    vi.stubEnv("PULUMI_CONFIG_PASSPHRASE", "test");
    await openRun({ run: RUN, recipe: "wiki", dockerHost: swarm.host });
    stack = await openStack(RUN, pulumi, true);
  });

  afterAll(async () => {
    await removeByRun(swarm, RUN);
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  });

  const deploy = (spec: AppSpec) =>
    up(
      stack,
      async () => {
        const provider = new docker.Provider("node", { host: swarm.host });
        const args = {
          app: spec,
          runLabels: { [RUN_LABEL]: RUN },
          externalNetworks: {},
          externalConfigs: {},
          secretValues: {},
          exactServices: exactServices(base, head),
          exactConfigs: exactConfigs(base, head),
          dockerHost: swarm.host,
          pinnedImages: {},
        };
        new SwarmApp("app", args, { providers: [provider] });
        return {};
      },
      signal,
      () => undefined,
    );

  test("is set on the service all the same, kept over an update in place, and removed", async () => {
    const made = await deploy(base);
    expect(made.error ?? made.failures[0]?.message).toBeUndefined();
    const first = await swarm.docker.getService(`${NAMESPACE}_app`).inspect();
    const container = first.Spec.TaskTemplate.ContainerSpec;
    expect(container.Ulimits).toEqual([{ Name: "nofile", Soft: 1000, Hard: 2000 }]);
    expect(container.TTY).toBe(true);
    expect(container.Env).toEqual(["GREETING=hello", "PASSED"]);
    expect(first.Spec.Labels[RUN_LABEL]).toBe(RUN);
    const config = await swarm.docker.getConfig(`${NAMESPACE}_motd_v1`).inspect();
    expect(config.Spec).toMatchObject({ Templating: { Name: "golang" } });

    const again = await deploy(base);
    expect(Object.keys(again.changes)).toEqual(["same"]);

    const moved = await deploy(head);
    expect(moved.error ?? moved.failures[0]?.message).toBeUndefined();
    for (const key of ["app", "plain"]) {
      const name = `${NAMESPACE}_${key}`;
      const service = await swarm.docker.getService(name).inspect();
      expect(service.Spec.TaskTemplate.Networks[0].Aliases, key).toContain("web");
      expect(service.PreviousSpec, key).toBeDefined();
    }
    const second = await swarm.docker.getService(`${NAMESPACE}_app`).inspect();
    expect(second.ID).toBe(first.ID);
    expect(second.Spec.TaskTemplate.ContainerSpec.Ulimits).toEqual([{ Name: "nofile", Soft: 1000, Hard: 2000 }]);

    const gone = await destroy(stack, signal, () => undefined);
    expect(gone.error ?? gone.failures[0]?.message).toBeUndefined();
    const left = (await inventory(swarm)).entries.filter((entry) => entry.run === RUN);
    expect(left).toEqual([]);
  });
});
