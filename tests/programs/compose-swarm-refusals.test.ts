import { describe, expect, test } from "vitest";
import { constraintProblem } from "../../compose/convert/constraints.ts";
import { imageProblem } from "../../compose/convert/image-name.ts";
import { describe as say } from "../../lib/errors.ts";
import { loadFiles, loadService } from "../fixtures/app.ts";

const told = (service: string, rest = "") => loadService(service, rest).then(() => "no error", say);
const SHA = "0".repeat(64);

test.each([
  "nginx",
  "nginx:1.26.3",
  "library/nginx:1",
  "localhost/x",
  "localhost:5000/x:1",
  "registry.example/a/b_c/d__e/f-g/h.i:1.0_a-B",
  "Registry/x:1",
  "[::1]:5000/x",
  `x@sha256:${SHA}`,
  `x:1@sha256:${SHA}`,
  `x:${"a".repeat(128)}`,
])("image %j is one to docker, and to us", (image) => {
  expect(imageProblem(image)).toBeUndefined();
});

test.each([
  ["nginx:", "its tag is empty"],
  [":1", "it has no name"],
  ["", "it has no name"],
  ["x@", "its digest is empty"],
  ["Nginx:1", "upper case"],
  ["registry.example/App:1", "upper case"],
  ["a//b", "a part that is empty"],
  ["a/", "a part that is empty"],
  ["_a", "characters that none can have"],
  ["a b", "characters that none can have"],
  ["https://registry.example/x", "characters that none can have"],
  ["x:a b", '"a b" is no tag'],
  [`x:${"a".repeat(129)}`, "is no tag"],
  ["x@sha256:123", '"sha256:123" is no digest'],
  [SHA, "it is an image's id"],
  ["a".repeat(256), "longer than 255"],
])("image %j is none, with the reason", (image, why) => {
  expect(imageProblem(image)?.message).toContain(why);
});

describe("what Swarm or its nodes refuse is told with its place before", () => {
  test.each<[string, string, string | RegExp, string?]>([
    [
      "a port published twice",
      'ports: ["8080:80", {target: 81, published: 8080}]',
      "compose.yml:5 services.app.ports: port 8080/tcp is published twice",
    ],
    [
      "also in mode host",
      "ports: [{target: 80, published: 8080, mode: host}, {target: 81, published: 8080, mode: host}]",
      "services.app.ports: port 8080/tcp is published twice",
    ],
    [
      "a port of two services",
      'ports: ["8080:80"]',
      "services.db.ports: port 8080/tcp is published by app as well",
      '  db: {image: "db:1", ports: ["8080:90"]}\n',
    ],
    [
      "whose modes are two",
      'ports: ["8080:80"]',
      "services.db.ports: port 8080/tcp is published by app as well",
      '  db: {image: "db:1", ports: [{target: 1, published: 8080, mode: host}]}\n',
    ],
    [
      "a host name that Linux does not take",
      `hostname: ${"a".repeat(65)}`,
      "compose.yml:5 services.app.hostname: has 65 characters, Linux takes 64",
    ],
    [
      "a limit of memory below an engine's least",
      "deploy: {resources: {limits: {memory: 4M}}}",
      "services.app.deploy.resources.limits.memory: 4.0 MiB are less than the 6 MiB that an engine takes",
    ],
    [
      "a host name of 64 characters, and 6 MiB",
      `hostname: ${"a".repeat(64)}\ndeploy: {resources: {limits: {memory: 6M}}}`,
      "no error",
    ],
    [
      "dnsrr with the mesh",
      'ports: ["8080:80"]\ndeploy: {endpoint_mode: dnsrr}',
      "compose.yml:6 services.app.deploy.endpoint_mode: dnsrr can't be had",
    ],
    [
      "two volumes at one place",
      "volumes: ['aa:/data', {type: tmpfs, target: /data/}]",
      "services.app.volumes: two volumes are mounted at /data",
      "volumes: {aa: }\n",
    ],
    ["a volume at the root", "volumes: ['aa:/']", "can't be mounted at /", "volumes: {aa: }\n"],
    ["a target that is relative", "volumes: ['aa:data']", '"data" is no absolute path', "volumes: {aa: }\n"],
    ["a volume of one letter", "volumes: ['a:/data']", 'docker takes "a:" for a drive of Windows', "volumes: {a: }\n"],
    [
      "a constraint with one sign",
      "deploy: {placement: {constraints: [node.role=manager]}}",
      /constraints: constraint "node\.role=manager" has neither == nor !=\n {2}remedy: write node\.role == manager$/,
    ],
    [
      "a network of one node",
      "networks: [n]",
      'networks.n: driver "bridge" makes a network of one node',
      "networks: {n: {driver: bridge}}\n",
    ],
    [
      "two networks with one subnet",
      "networks: [m, n]",
      /networks\.n: subnet 10\.5\.1\.0\/24 has addresses of 10\.5\.0\.0\/16, which network m has as well/,
      "networks: {m: {ipam: {config: [{subnet: 10.5.0.0/16}]}}, n: {ipam: {config: [{subnet: 10.5.1.0/24}]}}}\n",
    ],
    [
      "a network with a subnet twice",
      "networks: [n]",
      "networks.n: subnet fd00::/64 has addresses of fd00::/64, which this network has as well",
      "networks: {n: {ipam: {config: [{subnet: 'fd00::/64'}, {subnet: 'fd00::/64'}]}}}\n",
    ],
    [
      "another such driver",
      "networks: [n]",
      'driver "macvlan" makes a network of one node',
      "networks: {n: {driver: macvlan}}\n",
    ],
    [
      "a network of none",
      "networks: [n]",
      'no service can join the network "none"',
      "networks: {n: {external: true, name: none}}\n",
    ],
    [
      "a timeout with a unit",
      'deploy: {labels: ["coop-cloud.$STACK_NAME.timeout=5m"]}',
      /^compose\.yml:5 services\.app\.deploy\.labels\.0: the timeout "5m" is no number\n {2}remedy: write seconds/,
    ],
    [
      "a timeout in a mapping",
      "deploy:\n  labels:\n    a: b\n    coop-cloud.wiki-1a2b3c_ci_test.timeout: soon",
      /^compose\.yml:8 services\.app\.deploy\.labels\.\S+: the timeout "soon" is no number/,
    ],
    [
      "a {{ of the app's own",
      'environment: ["A=Hi {{ user }}"]',
      'services.app.environment: Swarm expands the "{{" in variable A',
    ],
    ["a function of configs", `environment: ['A={{ env "X" }}']`, 'function "env" is only there in configs'],
    ["a field that Swarm has not", `environment: ["A={{ .Values.a }}"]`, "Swarm gives a template no .Values.a"],
    ["a {{ in a host name", 'hostname: "{{ host }}"', "services.app.hostname: Swarm expands"],
    ["a {{ in a mount", "volumes: ['aa:/data/{{ user }}']", "services.app.volumes: Swarm expands", "volumes: {aa: }\n"],
  ])("%s", async (_, service, expected, rest) => {
    const text = await told(service, rest);
    if (typeof expected === "string") expect(text).toContain(expected);
    else expect(text).toMatch(expected);
  });

  test("and a {{ of .env, which abra gives the app, at its line", async () => {
    const files = { ".env.sample": "A=1\nGREETING=hi {{ user }}\n", "compose.yml": "services: {app: {image: wiki}}\n" };
    const text = await loadFiles(files).then(() => "no error", say);
    expect(text).toMatch(/^\.env\.sample:2: Swarm expands the "\{\{" in variable GREETING as a template of its own/);
  });

  test.each<[string, string, string?]>([
    ["a port of two protocols", 'ports: ["53:53/tcp", "53:53/udp"]'],
    ["a port that Swarm picks", 'ports: ["80", "81"]'],
    ["one volume at two places", "volumes: ['aa:/data', 'aa:/data/more']", "volumes: {aa: }\n"],
    [
      "a constraint with spaces or without",
      'deploy: {placement: {constraints: ["node.role == manager", node.hostname!=x]}}',
    ],
    ["a network's driver of a plugin", "networks: [n]", "networks: {n: {driver: weave}}\n"],
    ["a network of one node that no service joins", "user: x", "networks: {n: {driver: bridge}}\n"],
    ["the host's own network", "networks: [n]", "networks: {n: {external: true, name: host}}\n"],
    ["a timeout left empty", 'deploy: {labels: ["coop-cloud.$STACK_NAME.timeout="]}'],
    ["a {{ in a command", 'command: ["echo", "{{ user }}"]'],
    ["a {{ in a label", 'labels: ["x={{ user }}"]'],
    ["a template of Swarm's", 'hostname: "{{.Node.Hostname}}-{{.Task.Slot}}"'],
    ["a {{ for the app, escaped", `environment: ['A={{"{{"}} user }}']`],
  ])("but not %s", async (_, service, rest) => {
    expect(await told(service, rest)).toBe("no error");
  });
});

test("what only a Swarm of several nodes can run is warned of", async () => {
  const service = "ports: [{target: 80, published: 8080, mode: host}]\ndeploy: {placement: {constraints: [zone==a]}}";
  const rest = '  db: {image: "db:1", ports: [{target: 1, published: 8080, mode: host}]}\n';
  expect((await loadService(service, rest)).warnings).toEqual([
    'service app: constraint "zone==a": no node has a zone, so its tasks wait for ever',
    "service db: app takes port 8080/tcp of its node as well: a Swarm of one node runs only one of them",
  ]);
});

test.each([
  ["node.role == manager", {}],
  ["node.labels.a.b==c", {}],
  ["engine.labels.x != y z", {}],
  ["node.role", { problem: "has neither == nor !=", remedy: "write node.role == manager" }],
  ["node.role => manager", { problem: "has neither == nor !=", remedy: expect.any(String) }],
  ["== manager", { problem: 'asks for "", which is no key', remedy: expect.any(String) }],
  ["node.role ==", { problem: "has no value", remedy: expect.any(String) }],
  [
    "node.hostname == a,b",
    { problem: "has a value with a character that Swarm does not take", remedy: expect.any(String) },
  ],
  ["node.role == master", { doubt: expect.stringContaining("manager or a worker") }],
  ["node.rol == manager", { doubt: expect.stringContaining("no node has a node.rol") }],
])("constraint %j", (text, expected) => {
  expect(constraintProblem(text)).toEqual(expected);
});
