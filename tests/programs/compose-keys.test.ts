import { expect, test } from "vitest";
import { loadFiles, NAMESPACE } from "../fixtures/app.ts";

/**
 * Every key of a service in docker/cli's `config_schema_v3.13.json`: its path, a value that is not the default, and
 * what stands beside it where a parent with nothing in it would be left out.
 */
const KEYS: [path: string, value: unknown, beside?: object][] = [
  ["build", "."],
  ["cap_add", ["NET_ADMIN"]],
  ["cap_drop", ["ALL"]],
  ["cgroup_parent", "/docker"],
  ["cgroupns_mode", "host"],
  ["command", "serve"],
  ["configs", ["conf"]],
  ["container_name", "x"],
  ["credential_spec.config", "conf"],
  ["credential_spec.file", "spec.json"],
  ["credential_spec.registry", "x"],
  ["depends_on", ["other"]],
  ["deploy.endpoint_mode", "dnsrr"],
  ["deploy.labels", { a: "b" }],
  ["deploy.mode", "global"],
  ["deploy.placement.constraints", ["node.role == manager"], { max_replicas_per_node: 2 }],
  ["deploy.placement.max_replicas_per_node", 2, { constraints: ["node.role == manager"] }],
  ["deploy.placement.preferences", [{ spread: "node.labels.zone" }], { max_replicas_per_node: 2 }],
  ["deploy.replicas", 3],
  ["deploy.resources.limits.cpus", "0.5", { memory: "64m" }],
  ["deploy.resources.limits.memory", "64m", { pids: 5 }],
  ["deploy.resources.limits.pids", 5, { memory: "64m" }],
  ["deploy.resources.reservations.cpus", "0.5", { memory: "64m" }],
  [
    "deploy.resources.reservations.generic_resources",
    [{ discrete_resource_spec: { kind: "gpu", value: 1 } }],
    { memory: "64m" },
  ],
  ["deploy.resources.reservations.memory", "64m", { cpus: "0.5" }],
  ["deploy.restart_policy.condition", "none"],
  ["deploy.restart_policy.delay", "3s"],
  ["deploy.restart_policy.max_attempts", 3],
  ["deploy.restart_policy.window", "3s"],
  ...["update_config", "rollback_config"].flatMap((part): [string, unknown][] => [
    [`deploy.${part}.delay`, "3s"],
    [`deploy.${part}.failure_action`, "continue"],
    [`deploy.${part}.max_failure_ratio`, 0.5],
    [`deploy.${part}.monitor`, "3s"],
    [`deploy.${part}.order`, "start-first"],
    [`deploy.${part}.parallelism`, 3],
  ]),
  ["devices", ["/dev/null:/dev/null"]],
  ["dns", "9.9.9.9"],
  ["dns_search", "example.org"],
  ["domainname", "example.org"],
  ["entrypoint", "/run.sh"],
  ["env_file", "some.env"],
  ["environment", { A: "1" }],
  ["expose", ["80"]],
  ["external_links", ["other"]],
  ["extra_hosts", ["a:10.0.0.1"]],
  ["healthcheck.disable", true],
  ["healthcheck.interval", "3s"],
  ["healthcheck.retries", 3],
  ["healthcheck.start_interval", "3s"],
  ["healthcheck.start_period", "3s"],
  ["healthcheck.test", "true"],
  ["healthcheck.timeout", "3s"],
  ["hostname", "x"],
  ["image", "other:1.0"],
  ["init", false],
  ["ipc", "host"],
  ["isolation", "process"],
  ["labels", { a: "b" }],
  ["links", ["other"]],
  ["logging.driver", "local", { options: { a: "b" } }],
  ["logging.options", { a: "b" }, { driver: "local" }],
  ["mac_address", "02:42:ac:11:65:43"],
  ["network_mode", "host"],
  ["networks", { net: null }],
  ["networks.net.aliases", ["www"]],
  ["networks.net.driver_opts", { a: "b" }],
  ["networks.net.ipv4_address", "10.9.0.9"],
  ["networks.net.ipv6_address", "fd00::9"],
  ["oom_score_adj", 100],
  ["pid", "host"],
  ["ports", ["8080:80"]],
  ["privileged", true],
  ["read_only", true],
  ["restart", "on-failure"],
  ["secrets", ["sec"]],
  ["security_opt", ["no-new-privileges:true"]],
  ["shm_size", "64M"],
  ["stdin_open", true],
  ["stop_grace_period", "1m"],
  ["stop_signal", "SIGQUIT"],
  ["sysctls", { "net.core.somaxconn": "1" }],
  ["tmpfs", "/x"],
  ["tty", true],
  ["ulimits", { nproc: 5 }],
  ["user", "1000"],
  ["userns_mode", "host"],
  ["volumes", ["data:/x"]],
  ["working_dir", "/srv"],
  ...inList("configs", { source: "conf" }, { target: "/x", uid: "1", gid: "1", mode: 0o400, unheard: 1 }),
  ...inList("secrets", { source: "sec" }, { target: "/x", uid: "1", gid: "1", mode: 0o400, unheard: 1 }),
  ...inList("ports", { target: 80 }, { mode: "host", published: 80, protocol: "udp" }),
  ...inList("volumes", { type: "tmpfs", target: "/x" }, { tmpfs: { size: 1024 } }),
  ...inList(
    "volumes",
    { type: "bind", source: "/x", target: "/x" },
    { read_only: true, consistency: "cached", source: "/y", target: "/y", bind: { propagation: "rslave" } },
  ),
  ...inList("volumes", { type: "volume", source: "data", target: "/x", volume: {} }, { volume: { nocopy: true } }),
  ...inList("volumes", { type: "volume", source: "data", target: "/x", volume: {} }, { volume: { subpath: "y" } }),
  // Of these the schema says nothing, and lets anything pass.
  ...inList("volumes", { type: "volume", source: "data", target: "/x" }, { volume: { labels: { a: "b" } } }),
  ...inList("volumes", { type: "volume", target: "/x" }, { volume: { nocopy: true } }),
  ...inList("volumes", { type: "bind", source: "/x", target: "/x", bind: {} }, { bind: { create_host_path: true } }),
  ...inList("volumes", { type: "tmpfs", target: "/x" }, { tmpfs: { mode: 0o700 } }),
  ["volumes", ["/x:/x:z"], ["/x:/x"]],
];

/** One row per key of an item that is the only one of a list. */
function inList(path: string, item: object, keys: object): [string, unknown, object][] {
  return Object.entries(keys).map(([key, value]) => [path, [{ ...item, [key]: value }], [item]]);
}

/** A service with a value at a path, and one without it. */
function pair([path, value, beside]: (typeof KEYS)[number]): { given: object; without: object } {
  const parents = path.split(".");
  const key = parents.pop() ?? "";
  const under = (inner: unknown) => parents.reduceRight((within, parent) => ({ [parent]: within }), inner);
  const image = "wiki:1.0";
  if (Array.isArray(beside)) return { given: { image, [key]: value }, without: { image, [key]: beside } };
  const [given, without] = [under({ ...beside, [key]: value }), under({ ...beside })];
  return { given: { image, ...(given as object) }, without: { image, ...(without as object) } };
}

test("every key of a service reaches the spec, or a warning says that it does not", async () => {
  const pairs = KEYS.map((row, index) => [`s${index}`, pair(row)] as const);
  const services = Object.fromEntries(
    pairs.flatMap(([name, { given, without }]) => [
      [name, given],
      [`${name}-without`, without],
    ]),
  );
  const other = { image: "wiki:1.0" };
  const app = await loadFiles({
    "compose.yml": JSON.stringify({
      version: "3.13",
      services: { app: other, other, ...services },
      networks: { net: {} },
      volumes: { data: {} },
      secrets: { sec: { external: true, name: `${NAMESPACE}_sec_v1` } },
      configs: { conf: { file: "some.env" } },
    }),
    "some.env": "B=1\n",
  });
  const plain = (name: string) => {
    const { key: _key, name: _name, networks, ...rest } = app.services.find(({ key }) => key === name) ?? {};
    const joined = networks?.map(({ aliases, ...network }) => ({ ...network, aliases: aliases.slice(0, -1) }));
    return JSON.stringify({ ...rest, joined });
  };
  const isWarned = (name: string) => app.warnings.some((warning) => warning.startsWith(`service ${name}: `));
  const silent = pairs.filter(([name]) => plain(name) === plain(`${name}-without`) && !isWarned(name));
  expect(silent.map(([, { given }]) => given)).toEqual([]);
  const wrong = pairs.filter(([name]) => plain(name) !== plain(`${name}-without`) && isWarned(name));
  expect(wrong.map(([, { given }]) => given)).toEqual([]);
  expect(app.warnings.filter((warning) => warning.includes("-without"))).toEqual([]);
});
