import { describe, expect, test } from "vitest";
import { tooNewFor } from "../../components/render/api-needs.ts";
import { beyondProvider } from "../../components/render/beyond-provider.ts";
import { renderExact } from "../../components/render/exact.ts";
import { renderService } from "../../components/render/service.ts";
import type { ServiceSpec } from "../../compose/app-spec.ts";
import { richService } from "../fixtures/rich-service.ts";
import { appSpec, serviceSpec, volumeMount } from "../fixtures/spec.ts";

const references = { networks: { proxy: "id" }, secrets: {}, configs: { spec: "id-spec" } };
const provider = (service: ServiceSpec) => JSON.stringify(renderService(service, references, "wiki:1.0", {}));
const exact = (service: ServiceSpec) => JSON.stringify(renderExact(service, references, "wiki:1.0", {}));

/** What a recipe can ask for beyond a plain service, the engine it takes, and the one before. */
const SAYINGS: [key: string, over: Partial<ServiceSpec>, docker?: string, api?: string, before?: string][] = [
  ["environment (passed by name)", { env: { A: null } }],
  ["healthcheck.start_interval", { healthcheck: { startInterval: 1 } }, "25.0", "1.44", "1.43"],
  ["ulimits", { ulimits: [{ name: "nproc", soft: 1, hard: 1 }] }, "20.10", "1.41", "1.40"],
  ["tty", { tty: true }],
  ["stdin_open", { openStdin: true }],
  ["extra_hosts (a name twice)", { hosts: ["10.0.0.2 db", "10.0.0.1 db"] }],
  ["oom_score_adj", { oomScoreAdj: 100 }, "27.0", "1.46", "1.45"],
  ["deploy.resources.limits.pids", { resources: { limits: { pids: 5 } } }, "20.10", "1.41", "1.40"],
  ["credential_spec", { credentialSpec: { config: "spec" } }],
  ["credential_spec", { credentialSpec: { file: "spec.json" } }],
  ["deploy.mode (job)", { mode: { kind: "global-job" } }, "20.10", "1.41", "1.40"],
  [
    "volumes.volume.subpath",
    { mounts: [volumeMount("v", "/v", { volume: { subpath: "x" } })] },
    "26.0",
    "1.45",
    "1.44",
  ],
  ["volumes.type (cluster)", { mounts: [{ type: "cluster", source: "csi", target: "/v" }] }, "23.0", "1.42", "1.41"],
  ["deploy.placement.preferences", { placement: { constraints: [], preferences: ["node.labels.a", "node.labels.b"] } }],
  ["deploy.update_config.max_failure_ratio", { updateConfig: { parallelism: 1, maxFailureRatio: 0.25 } }],
  ["deploy.rollback_config.max_failure_ratio", { rollbackConfig: { parallelism: 1, maxFailureRatio: 0.25 } }],
];

describe.each(SAYINGS)("%s", (key, over, docker, api, before = "1.25") => {
  const service = serviceSpec(over);
  const told = (version: string) => tooNewFor(appSpec({ services: [service] }), version);

  test("is beyond the provider, and said through the Engine API", () => {
    expect(beyondProvider(service)).toEqual([key]);
    expect(exact(service)).not.toBe(exact(serviceSpec()));
  });

  test("is refused by name on an engine that is too old for it, and on no other", () => {
    const needs = `services.app.${key} needs Docker ${docker} (API ${api}); the node's engine has API ${before}`;
    expect(told(before)).toEqual(docker ? [needs] : []);
    expect(told(api ?? "1.45")).toEqual([]);
  });
});

test("capabilities are the provider's to say, and need an engine that knows them", () => {
  const service = serviceSpec({ capAdd: ["CAP_CHOWN"], capDrop: ["ALL"] });
  expect(beyondProvider(service)).toEqual([]);
  expect(provider(service)).not.toBe(provider(serviceSpec()));
  const told = tooNewFor(appSpec({ services: [service] }), "1.40");
  expect(told.map((line) => line.split(" ")[0])).toEqual(["services.app.cap_add", "services.app.cap_drop"]);
});

test("a plain service is the provider's, on any engine", () => {
  expect(beyondProvider(serviceSpec())).toEqual([]);
  expect(tooNewFor(appSpec(), "1.25")).toEqual([]);
});

test("a cluster volume is mounted as docker stack deploy mounts it, with options that say nothing", () => {
  const mounts: ServiceSpec["mounts"] = [{ type: "cluster", source: "csi", target: "/v", readOnly: true }];
  expect(JSON.parse(exact(serviceSpec({ mounts }))).TaskTemplate.ContainerSpec.Mounts).toEqual([
    { Type: "cluster", Source: "csi", Target: "/v", ReadOnly: true, ClusterOptions: {} },
  ]);
});

// The caller gives the image it pinned; the key is for references alone; `groups` is no compose key.
const fields = Object.keys(richService).filter((field) => !["key", "image"].includes(field));

test.each(fields as (keyof ServiceSpec)[])("%s reaches the Engine API", (field) => {
  const plain: ServiceSpec = { ...serviceSpec(), name: "other", stopGracePeriod: 0, endpointMode: "vip" };
  expect(exact({ ...richService, [field]: plain[field] })).not.toBe(exact(richService));
});
