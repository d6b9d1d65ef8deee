import { expect, test } from "vitest";
import { describe } from "../../lib/errors.ts";
import { loadFiles, loadService, NAMESPACE } from "../fixtures/app.ts";

const app = async (service: string, rest?: string) => (await loadService(service, rest)).services[0];
const stackLabel = { "com.docker.stack.namespace": NAMESPACE };

test("what a recipe leaves out gets Swarm's defaults, and stays out otherwise", async () => {
  expect(JSON.parse(JSON.stringify(await app("")))).toMatchObject({
    endpointMode: "vip",
    mode: { kind: "replicated", replicas: 1 },
    stopGracePeriod: 10e9,
    mounts: [],
    ports: [],
    networks: [{ key: "default", name: `${NAMESPACE}_default`, aliases: ["app"] }],
  });
  for (const key of [
    "healthcheck",
    "restartPolicy",
    "updateConfig",
    "rollbackConfig",
    "resources",
    "command",
    "args",
  ]) {
    expect(await app("")).toHaveProperty(key, undefined);
  }
});

test("networks: the used ones only, external ones untouched, aliases for every service", async () => {
  const spec = await loadService(
    "networks: {proxy: , internal: {aliases: [wiki]}}",
    "networks:\n  proxy: {external: true}\n  internal: {internal: true, ipam: {config: [{subnet: 10.9.0.0/24}]}}\n  unused: {}\n",
  );
  expect(spec.services[0]?.networks).toEqual([
    { key: "proxy", name: "proxy", aliases: ["app"], driverOpts: undefined },
    { key: "internal", name: `${NAMESPACE}_internal`, aliases: ["wiki", "app"], driverOpts: undefined },
  ]);
  expect(
    spec.networks.map(({ key, external, driver, internal, labels }) => ({ key, external, driver, internal, labels })),
  ).toEqual([
    { key: "internal", external: false, driver: "overlay", internal: true, labels: stackLabel },
    { key: "proxy", external: true, driver: undefined, internal: false, labels: {} },
  ]);
  expect(spec.networks[0]?.ipam?.subnets).toEqual(["10.9.0.0/24"]);
});

test("volumes are scoped, named or external, and only the used ones are there", async () => {
  const spec = await loadService(
    `volumes:
  - data:/data
  - own:/own:ro
  - ext:/ext
  - /var/run/docker.sock:/var/run/docker.sock:ro
  - /anonymous
  - {type: tmpfs, target: /tmp, tmpfs: {size: 1048576}}`,
    "volumes: {data: , own: {name: my-own, driver: local, driver_opts: {type: nfs}}, ext: {external: true}, unused: }",
  );
  expect(JSON.parse(JSON.stringify(spec.services[0]?.mounts))).toEqual([
    { type: "volume", source: `${NAMESPACE}_data`, target: "/data", volume: { labels: stackLabel } },
    {
      type: "volume",
      source: "my-own",
      target: "/own",
      readOnly: true,
      volume: { labels: stackLabel, driver: { name: "local", options: { type: "nfs" } } },
    },
    { type: "volume", source: "ext", target: "/ext", volume: {} },
    { type: "bind", source: "/var/run/docker.sock", target: "/var/run/docker.sock", readOnly: true },
    { type: "volume", target: "/anonymous" },
    { type: "tmpfs", target: "/tmp", tmpfs: { sizeBytes: 1048576 } },
  ]);
  expect(spec.volumes.map(({ key, name, external }) => [key, name, external])).toEqual([
    ["data", `${NAMESPACE}_data`, false],
    ["ext", "ext", true],
    ["own", "my-own", false],
  ]);
});

test("health checks: shell text, argument list, switched off, durations in nanoseconds", async () => {
  const check = async (text: string) => (await app(`healthcheck: ${text}`))?.healthcheck;
  expect(await check("{test: curl x, interval: 1m30s, timeout: 500ms, start_period: 1h, retries: 4}")).toEqual({
    test: ["CMD-SHELL", "curl x"],
    interval: 90e9,
    timeout: 5e8,
    startPeriod: 3600e9,
    startInterval: undefined,
    retries: 4,
  });
  expect((await check('{test: ["CMD", "curl", "x"]}'))?.test).toEqual(["CMD", "curl", "x"]);
  expect(await check("{disable: true}")).toEqual({ test: ["NONE"] });
});

test("deploy: mode, resources, restart, update and placement as docker/cli sends them", async () => {
  const service = await app(`deploy:
  mode: global
  endpoint_mode: dnsrr
  update_config: {failure_action: rollback, order: start-first, delay: 3s}
  rollback_config: {parallelism: 0}
  restart_policy: {condition: on-failure, delay: 5s, max_attempts: 3, window: 2m}
  resources: {limits: {cpus: "0.5", memory: 50M}, reservations: {memory: 10M}}
  placement: {constraints: ["node.role == manager"], preferences: [{spread: node.labels.x}]}
stop_grace_period: 1m`);
  expect(JSON.parse(JSON.stringify(service))).toMatchObject({
    mode: { kind: "global" },
    endpointMode: "dnsrr",
    updateConfig: { parallelism: 1, failureAction: "rollback", order: "start-first", delay: 3e9 },
    rollbackConfig: { parallelism: 0 },
    restartPolicy: { condition: "on-failure", delay: 5e9, maxAttempts: 3, window: 120e9 },
    resources: { limits: { nanoCpus: 5e8, memoryBytes: 52428800 }, reservations: { memoryBytes: 10485760 } },
    placement: { constraints: ["node.role == manager"], preferences: ["node.labels.x"] },
    stopGracePeriod: 60e9,
  });
});

test("restart counts only where deploy says nothing", async () => {
  expect((await app("restart: unless-stopped"))?.restartPolicy).toEqual({ condition: "any" });
  expect((await app("restart: on-failure:3"))?.restartPolicy).toEqual({ condition: "on-failure", maxAttempts: 3 });
  // docker/cli sends no policy for it, so that Swarm's default holds: it restarts after all.
  expect((await app('restart: "no"'))?.restartPolicy).toBeUndefined();
  const both = await app("restart: always\ndeploy: {restart_policy: {condition: none}}");
  expect(both?.restartPolicy?.condition).toBe("none");
});

test("ports, hosts, capabilities, limits and commands", async () => {
  const service = await app(`ports: ["8080:80", "53:53/udp", {target: 5, published: 6, mode: host}]
extra_hosts: ["a:10.0.0.1", "b:fd00::1"]
cap_add: [net_admin, CAP_CHOWN]
cap_drop: [ALL]
ulimits: {nproc: 5, nofile: {soft: 1, hard: 2}}
entrypoint: ["/run.sh"]
command: sh -c "a  b"
logging: {driver: json-file, options: {max-size: 1m}}
init: true
sysctls: {net.core.somaxconn: 1}`);
  expect(service).toMatchObject({
    ports: [
      { target: 5, published: 6, protocol: "tcp", mode: "host" },
      { target: 53, published: 53, protocol: "udp", mode: "ingress" },
      { target: 80, published: 8080, protocol: "tcp", mode: "ingress" },
    ],
    hosts: ["10.0.0.1 a", "fd00::1 b"],
    capAdd: ["CAP_CHOWN", "CAP_NET_ADMIN"],
    capDrop: ["ALL"],
    ulimits: [
      { name: "nofile", soft: 1, hard: 2 },
      { name: "nproc", soft: 5, hard: 5 },
    ],
    command: ["/run.sh"],
    args: ["sh", "-c", "a  b"],
    logDriver: { name: "json-file", options: { "max-size": "1m" } },
    init: true,
    sysctls: { "net.core.somaxconn": "1" },
  });
});

test("anchors, merge keys and list and map forms are docker/cli's business, and work", async () => {
  const spec = await loadFiles({
    "compose.yml": `version: "3.8"
x-common: &common
  environment: &env {A: "1"}
  image: wiki:1.0
services:
  app: {<<: *common, labels: {x: "y"}}
  db: {<<: *common, environment: {<<: *env, B: "2"}}
`,
  });
  expect(spec.services.map((service) => service.env.A)).toEqual(["1", "1"]);
  expect(spec.services[1]?.env).toEqual({ A: "1", B: "2" });
});

test("words that docker/cli and the engine know in any case are taken in any", async () => {
  const service = await app(`ports: [{target: 5, published: 6, mode: HOST, protocol: UDP}]
deploy: {endpoint_mode: DNSRR}`);
  expect(service?.ports).toEqual([{ target: 5, published: 6, protocol: "udp", mode: "host" }]);
  expect(service?.endpointMode).toBe("dnsrr");
});

test("a cluster volume is named as any other, and made by no one; a group keeps its name", async () => {
  const spec = await loadService(
    "volumes: [{type: cluster, source: csi, target: /a}, {type: cluster, source: 'group:fast', target: /b}]",
    "volumes: {csi: {x-cluster-spec: {group: fast}}}",
  );
  expect(spec.services[0]?.mounts).toEqual([
    { type: "cluster", source: `${NAMESPACE}_csi`, target: "/a", readOnly: undefined },
    { type: "cluster", source: "group:fast", target: "/b", readOnly: undefined },
  ]);
  expect(spec.volumes).toEqual([]);
  expect(spec.warnings).toEqual(['volume csi: "x-cluster-spec" is ignored: operators make the volume']);
});

test.each<[string, string, RegExp]>([
  ["an image", "volumes: [{type: image, source: 'nginx:1', target: /x}]", /volumes: type "image" at \/x: .*API 1\.48/],
  ["a named pipe", "volumes: [{type: npipe, source: x, target: /x}]", /volumes: type "npipe" at \/x: .*Windows/],
  ["another type", "volumes: [{type: nfs, target: /x}]", /volumes: type "nfs" at \/x: is unknown/],
  ["a type of the language", "volumes: [{type: constructor, target: /x}]", /"constructor" at \/x: is unknown/],
  [
    "a cluster volume",
    "volumes: [{type: cluster, source: gone, target: /x}]",
    /volumes: volume "gone" is not declared/,
  ],
  ["a cluster volume of no name", "volumes: [{type: cluster, target: /x}]", /volumes: volume "" is not declared/],
  ["a volume of the language", "volumes: ['constructor:/x']", /volumes: volume "constructor" is not declared/],
  ["options of another type", "volumes: [{type: tmpfs, target: /x, bind: {}}]", /at \/x: has options of type bind/],
  ["a source of memory", "volumes: [{type: tmpfs, source: x, target: /x}]", /type "tmpfs" at \/x: has a source/],
  ["a mode", "deploy: {mode: everywhere}", /deploy\.mode: "everywhere" is unknown/],
  ["replicas of a global service", "deploy: {mode: global, replicas: 2}", /deploy\.replicas: mode "global" has no/],
  ["an endpoint mode", "deploy: {endpoint_mode: dns}", /deploy\.endpoint_mode: "dns" is unknown/],
  ["a restart condition", "deploy: {restart_policy: {condition: always}}", /restart_policy\.condition: "always"/],
  ["a failure action", "deploy: {update_config: {failure_action: stop}}", /update_config\.failure_action: "stop"/],
  ["another of a rollback", "deploy: {rollback_config: {failure_action: x}}", /rollback_config\.failure_action: "x"/],
  ["a restart policy", "restart: sometimes", /services\.app\.restart: "sometimes" is unknown/],
  ["a count of restarts", "restart: 'on-failure:few'", /services\.app\.restart: "on-failure:few" is unknown/],
  ["processors", "deploy: {resources: {limits: {cpus: half}}}", /limits\.cpus: "half" is no number of processors/],
  ["a part of one", "deploy: {resources: {reservations: {cpus: '.0000000001'}}}", /reservations\.cpus: "\.0000000001"/],
  ["a check that is off", "healthcheck: {test: 'true', disable: true}", /healthcheck: has a test and is disabled/],
  ["two credential specs", "credential_spec: {file: a, registry: b}", /credential_spec: is given twice/],
  ["an unknown config", "credential_spec: {config: gone}", /credential_spec: config "gone" is not declared/],
  ["a length of time", "healthcheck: {interval: -5s}", /services\.app: "-5s" is no length of time/],
])("%s that docker/cli, every engine or every node refuses is refused with file and key", async (_, yaml, message) => {
  const told = await app(yaml).catch(describe);
  expect(told).toMatch(message);
  expect(told).toMatch(/^compose\.yml:\d+ services\.app[^\n]*\n {2}remedy: /);
});

test("of several files the one that says it last is named", async () => {
  const overlay = (mode: string) => `version: "3.8"\nservices: {app: {image: "wiki:1.0", deploy: {mode: ${mode}}}}\n`;
  const loading = loadFiles({
    ".env.sample": "DOMAIN=wiki.example.com\nCOMPOSE_FILE=compose.yml:compose.x.yml:compose.y.yml\n",
    "compose.yml": overlay("global"),
    "compose.x.yml": overlay("everywhere"),
    "compose.y.yml": 'version: "3.8"\nservices: {app: {user: "1"}}\n',
  });
  expect(await loading.catch(describe)).toMatch(/^compose\.x\.yml:2 services\.app\.deploy\.mode: "everywhere"/);
});
