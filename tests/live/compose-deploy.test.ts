import { randomBytes } from "node:crypto";
import type Docker from "dockerode";
import { afterAll, expect, test } from "vitest";
import type { ServiceSpec } from "../../compose/app-spec.ts";
import { loadApp } from "../../compose/load.ts";
import { type ExecOptions, exec } from "../../lib/exec.ts";
import { until } from "../../lib/until.ts";
import { dockerCli } from "../../machine/docker-cli.ts";
import { COMMIT } from "../fixtures/app.ts";
import { writeFiles } from "../fixtures/recipe-folder.ts";
import { whenFree } from "../fixtures/when-free.ts";
import { testSwarm } from "./swarm-fixture.ts";

const NAME = `compose-${randomBytes(3).toString("hex")}`;
const swarm = await testSwarm();
const cli = await dockerCli();
const docker = (args: string[], options: ExecOptions = {}) => exec([...cli, "--host", swarm.host, ...args], options);

/** Everything a recipe may say of a service, without a task ever started. */
const COMPOSE = `version: "3.8"
services:
  app: {image: "wiki:1.0", restart: always, deploy: {replicas: 0}}
  still: {image: "wiki:1.0", healthcheck: {disable: true}, deploy: {replicas: 0, restart_policy: {}}}
  web:
    image: wiki:1.0
    hostname: h
    user: "1:2"
    working_dir: /x
    init: true
    read_only: true
    tty: true
    stdin_open: true
    stop_signal: SIGQUIT
    stop_grace_period: 1m
    entrypoint: ["/run.sh"]
    command: sh -c "a  b"
    environment: ["B=2", "A=1", "BARE"]
    labels: {own: "1"}
    cap_add: [net_admin, CAP_CHOWN]
    cap_drop: [ALL]
    ulimits: {nproc: 5, nofile: {soft: 1, hard: 2}}
    sysctls: {net.core.somaxconn: 1}
    dns: 10.0.0.53
    dns_search: [a, b]
    extra_hosts: ["a:10.0.0.1", "b:fd00::1"]
    logging: {driver: json-file, options: {max-size: 1m}}
    healthcheck: {test: curl x, interval: 1m30s, timeout: 500ms, start_period: 1h, retries: 4}
    volumes:
      - data:/data
      - own:/own:ro
      - ext:/ext:nocopy
      - /anonymous
      - {type: tmpfs, target: /tmp, tmpfs: {size: 1048576}}
      - {type: bind, source: /a, target: /b, bind: {propagation: rshared}}
    networks: {zeta: {aliases: [wiki]}, alpha: , named: }
    configs: [z, {source: c, target: /etc/app.conf, mode: 0555, uid: "7"}]
    secrets: [s, {source: a, target: other, mode: 0400}]
    ports: ["53:53/udp", {target: 5, published: 6006, mode: host}]
    deploy:
      replicas: 0
      labels: ["name=\${STACK_NAME}"]
      update_config: {failure_action: rollback, order: start-first, delay: 3s, max_failure_ratio: 0.3, monitor: 7s}
      rollback_config: {parallelism: 0}
      restart_policy: {condition: on-failure, delay: 5s, max_attempts: 3, window: 2m}
      resources: {limits: {cpus: "0.5", memory: 50M}, reservations: {memory: 10M, cpus: "0.1"}}
      placement: {constraints: ["node.role == manager"], preferences: [{spread: node.labels.x}], max_replicas_per_node: 2}
networks: {zeta: {driver_opts: {a: "b"}, attachable: true}, alpha: {internal: true}, named: {name: "\${STACK_NAME}-named"}}
volumes: {data: , own: {name: my-own, driver: local, driver_opts: {type: nfs}, labels: {l: "1"}}, ext: {external: true}}
configs: {c: {file: c.conf}, z: {name: "\${STACK_NAME}_z_v1", file: c.conf, template_driver: golang, labels: {q: "1"}}}
secrets: {s: {external: true, name: "\${STACK_NAME}_s_v1"}, a: {external: true, name: "\${STACK_NAME}_a_v1"}}
`;

afterAll(async () => {
  await whenFree(NAME, () => docker(["stack", "rm", NAME]));
  await docker(["secret", "rm", `${NAME}_s_v1`, `${NAME}_a_v1`]);
  await until(
    async () => {
      const left = await docker(["network", "ls", "--quiet", "--filter", `label=com.docker.stack.namespace=${NAME}`]);
      return left ? { done: false, reason: `networks ${left}` } : { done: true, value: undefined };
    },
    { what: "networks of the stack gone", deadline: "60 s" },
  );
});

test("an AppSpec is what docker stack deploy makes of the same recipe", async () => {
  const checkout = await writeFiles({ "compose.yml": COMPOSE, "c.conf": "bytes\n", ".env.sample": "TYPE=wiki\n" });
  const options = { checkout, recipe: "wiki", commit: COMMIT, domain: NAME, dockerCli: cli };
  const spec = await loadApp(options);

  for (const secret of ["s", "a"]) await docker(["secret", "create", `${NAME}_${secret}_v1`, "-"], { input: "x" });
  const deploy = ["stack", "deploy", "--detach=true", "--resolve-image=never", "--compose-file", "compose.yml", NAME];
  await docker(deploy, { cwd: checkout, env: { ...process.env, STACK_NAME: NAME } });

  const networkNames = new Map<string, string>();
  for (const network of spec.networks) {
    const found = await swarm.docker.getNetwork(network.name).inspect();
    networkNames.set(found.Id, network.name);
    expect(found).toMatchObject({
      Driver: network.driver,
      Internal: network.internal,
      Attachable: network.attachable,
      Labels: network.labels,
      Options: network.driverOpts,
    });
  }
  for (const config of spec.configs) {
    const [found] = JSON.parse(await docker(["config", "inspect", config.name]));
    expect(found.Spec).toMatchObject({ Labels: config.labels, Data: config.data });
    expect(found.Spec.Templating?.Name).toBe(config.templateDriver);
  }
  for (const service of spec.services) {
    // The CLI asks for the Swarm's defaults to be filled in.
    const found = JSON.parse(await docker(["service", "inspect", service.name]))[0].Spec;
    const template = found.TaskTemplate;
    const joined = template.Networks.map((net: Docker.NetworkAttachmentConfig) => [
      networkNames.get(net.Target ?? ""),
      net.Aliases,
    ]);
    expect(joined.sort()).toEqual(service.networks.map((net) => [net.name, net.aliases]).sort());
    expect(found).toMatchObject(JSON.parse(JSON.stringify(asSent(service))));
  }
});

/** The service in the words of the Docker API; what abra adds to `app` on top is left out. */
function asSent(service: ServiceSpec): object {
  const own = service.key === "app" ? {} : { Labels: service.labels };
  return {
    Name: service.name,
    ...own,
    Mode: service.mode.kind === "replicated" ? { Replicated: { Replicas: service.mode.replicas } } : {},
    UpdateConfig: capitalized(service.updateConfig),
    RollbackConfig: capitalized(service.rollbackConfig),
    EndpointSpec: {
      Mode: service.endpointMode,
      Ports: service.ports.length
        ? service.ports.map((port) => ({
            Protocol: port.protocol,
            TargetPort: port.target,
            PublishedPort: port.published,
            PublishMode: port.mode,
          }))
        : undefined,
    },
    TaskTemplate: {
      ContainerSpec: containerAsSent(service),
      RestartPolicy: capitalized(service.restartPolicy),
      LogDriver: capitalized(service.logDriver),
      Placement: service.placement && {
        Constraints: service.placement.constraints,
        Preferences: service.placement.preferences.map((spread) => ({ Spread: { SpreadDescriptor: spread } })),
        MaxReplicas: service.placement.maxReplicas,
      },
      Resources: service.resources && {
        Limits: { NanoCPUs: service.resources.limits?.nanoCpus, MemoryBytes: service.resources.limits?.memoryBytes },
        Reservations: {
          NanoCPUs: service.resources.reservations?.nanoCpus,
          MemoryBytes: service.resources.reservations?.memoryBytes,
        },
      },
    },
  };
}

function containerAsSent(service: ServiceSpec): object {
  const file = (one: ServiceSpec["secrets"][number]) => ({
    Name: one.file,
    UID: one.uid,
    GID: one.gid,
    Mode: one.mode,
  });
  const env = Object.entries(service.env).map(([key, value]) => (value === null ? key : `${key}=${value}`));
  return {
    Image: service.image,
    Labels: service.containerLabels,
    Command: service.command,
    Args: service.args,
    Hostname: service.hostname,
    Env: service.key === "app" || env.length === 0 ? undefined : env,
    Dir: service.workingDir,
    User: service.user,
    Init: service.init,
    StopSignal: service.stopSignal,
    TTY: service.tty,
    OpenStdin: service.openStdin,
    ReadOnly: service.readOnly,
    StopGracePeriod: service.stopGracePeriod,
    Healthcheck: capitalized(service.healthcheck),
    Hosts: service.hosts,
    DNSConfig: service.dns && { Nameservers: service.dns.nameservers, Search: service.dns.search },
    Sysctls: service.sysctls,
    CapabilityAdd: service.capAdd,
    CapabilityDrop: service.capDrop,
    Ulimits: service.ulimits?.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
    Secrets: service.secrets.length
      ? service.secrets.map((one) => ({ SecretName: one.name, File: file(one) }))
      : undefined,
    Configs: service.configs.length
      ? service.configs.map((one) => ({ ConfigName: one.name, File: file(one) }))
      : undefined,
    Mounts: service.mounts.length
      ? service.mounts.map((mount) => ({
          Type: mount.type,
          Source: mount.source,
          Target: mount.target,
          ReadOnly: mount.readOnly,
          BindOptions: capitalized(mount.bind),
          TmpfsOptions: capitalized(mount.tmpfs),
          VolumeOptions: mount.volume && {
            NoCopy: mount.volume.noCopy,
            Labels: mount.volume.labels,
            DriverConfig: capitalized(mount.volume.driver),
          },
        }))
      : undefined,
  };
}

/** `{maxAttempts: 3}` → `{MaxAttempts: 3}`. */
function capitalized(record: object | undefined): object | undefined {
  if (!record) return undefined;
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [key[0]?.toUpperCase() + key.slice(1), value]),
  );
}
