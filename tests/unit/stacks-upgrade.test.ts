import { describe, expect, test } from "vitest";
import type { AppSpec, ConfigSpec, NetworkSpec, Port, ServiceSpec, VolumeSpec } from "../../compose/app-spec.ts";
import { exactConfigs, exactServices } from "../../stacks/exact-services.ts";
import { keepDropped } from "../../stacks/keep-dropped.ts";
import { appSpec, serviceSpec, volumeMount } from "../fixtures/spec.ts";

const NAME = serviceSpec().name;
const port: Port = { target: 80, published: 8080, protocol: "tcp", mode: "host" };
const optioned = {
  ...volumeMount("wiki_data", "/data"),
  volume: { driver: { name: "local", options: { o: "size=1m" } } },
};
const network: NetworkSpec = {
  key: "inner",
  name: "wiki_inner",
  external: false,
  driver: "overlay",
  driverOpts: {},
  internal: true,
  attachable: false,
  labels: {},
};
const volume: VolumeSpec = { key: "data", name: "wiki_data", external: false, driverOpts: {}, labels: { keep: "yes" } };

describe("a service goes through the Engine API from the start", () => {
  const made = (base: Partial<ServiceSpec>, head: Partial<ServiceSpec>) => [
    ...exactServices(appSpec({ services: [serviceSpec(base)] }), appSpec({ services: [serviceSpec(head)] })),
  ];

  test.each<[string, Partial<ServiceSpec>, Partial<ServiceSpec>]>([
    ["says, in base alone, what the provider can't", { tty: true }, {}],
    ["says, in head alone, what the provider can't", {}, { tty: true }],
    ["changes its labels alone, or how it is updated", { labels: { a: "1" } }, { updateConfig: { parallelism: 2 } }],
    ["changes its replicas alone", {}, { mode: { kind: "replicated", replicas: 2 } }],
    ["changes container labels", { containerLabels: { a: "1" } }, {}],
    ["changes hosts", {}, { hosts: ["10.0.0.1 db"] }],
    ["changes sysctls", { sysctls: { "net.core.somaxconn": "1" } }, {}],
    ["drops its health check", { healthcheck: { test: ["CMD", "true"] } }, {}],
    ["drops its name servers", { dns: { nameservers: ["9.9.9.9"], search: [] } }, {}],
    ["drops its limits", { resources: { limits: { memoryBytes: 1 } } }, { resources: {} }],
    ["drops its reservations", { resources: { reservations: { memoryBytes: 1 } } }, {}],
    ["drops its placement", { placement: { constraints: ["node.role == manager"], preferences: [] } }, {}],
    ["no longer says where a port is published", { ports: [port] }, { ports: [{ ...port, published: undefined }] }],
    ["drops a volume with options", { mounts: [optioned] }, { mounts: [] }],
  ])("when it %s", (_what, base, head) => {
    expect(made(base, head)).toEqual([NAME]);
  });

  test.each<[string, Partial<ServiceSpec>, Partial<ServiceSpec>]>([
    [
      "stays as it is",
      { healthcheck: { test: ["CMD", "true"] }, mounts: [optioned] },
      { healthcheck: { test: ["CMD", "true"] }, mounts: [optioned] },
    ],
    ["changes labels and variables", { labels: { a: "1" }, env: { A: "1" } }, { env: { B: "2" } }],
    ["changes its health check", { healthcheck: { test: ["CMD", "true"] } }, { healthcheck: { test: ["NONE"] } }],
    [
      "gets limits for reservations",
      { resources: { reservations: { memoryBytes: 1 } } },
      { resources: { limits: { memoryBytes: 1 } } },
    ],
    ["publishes elsewhere", { ports: [port] }, { ports: [{ ...port, published: 8081 }] }],
    ["mounts another volume", { mounts: [volumeMount("a", "/a")] }, { mounts: [volumeMount("b", "/a"), optioned] }],
  ])("but not when it %s", (_what, base, head) => {
    expect(made(base, head)).toEqual([]);
  });
});

test("a config goes through the Engine API when its labels change, and only then", () => {
  const config = { key: "conf", name: "wiki_conf_v1", external: false, labels: { a: "1" }, data: "YQ==" };
  const app = (configs: AppSpec["configs"]) => appSpec({ configs });
  const names = (before: AppSpec | undefined, after: AppSpec) => [...exactConfigs(before, after)];
  expect(names(app([config]), app([{ ...config, labels: {} }]))).toEqual(["wiki_conf_v1"]);
  expect(names(app([config]), app([config]))).toEqual([]);
  expect(names(app([config]), app([{ ...config, name: "wiki_conf_v2", labels: {} }]))).toEqual([]);
  expect(names(undefined, app([config]))).toEqual([]);
});

describe("head over base", () => {
  test("keeps what head drops, and takes head's word for what it keeps", () => {
    const old = serviceSpec({ key: "old" });
    const [before, after] = [serviceSpec({ image: "wiki:1.0" }), serviceSpec({ image: "wiki:2.0" })];
    const base = appSpec({ services: [before, old], networks: [network], volumes: [volume] });
    const head = appSpec({ services: [after], networks: [], volumes: [] });
    expect(keepDropped(base, head)).toEqual({
      ...head,
      services: [after, old],
      networks: [network],
      volumes: [volume],
    });
  });

  test("leaves a network or volume that is there as it is, under head's key", () => {
    const base = appSpec({ networks: [network], volumes: [volume] });
    const head = appSpec({
      networks: [{ ...network, key: "renamed", internal: false, labels: { b: "2" } }],
      volumes: [
        { ...volume, key: "renamed", external: true, labels: {} },
        { ...volume, key: "new", name: "wiki_new" },
      ],
    });
    const { networks, volumes } = keepDropped(base, head);
    expect(networks).toEqual([{ ...network, key: "renamed" }]);
    expect(volumes).toEqual([
      { ...volume, key: "renamed" },
      { ...volume, key: "new", name: "wiki_new" },
    ]);
  });

  test("leaves a config to who made it, and takes any other as head has it", () => {
    const own = { key: "conf", name: "wiki_conf", external: false, labels: {}, data: "YQ==" };
    const theirs = { ...own, external: true, data: "" };
    const kept = (before: ConfigSpec, after: ConfigSpec) =>
      keepDropped(appSpec({ configs: [before] }), appSpec({ configs: [after] })).configs;
    expect(kept(own, { ...theirs, key: "renamed" })).toEqual([{ ...own, key: "renamed" }]);
    expect(kept(theirs, own)).toEqual([theirs]);
    expect(kept(own, { ...own, labels: { a: "1" } })).toEqual([{ ...own, labels: { a: "1" } }]);
    expect(kept(own, { ...theirs, name: "other" })).toEqual([{ ...theirs, name: "other" }, own]);
  });
});
