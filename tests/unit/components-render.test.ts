import { describe, expect, test } from "vitest";
import { renderLabels } from "../../components/render/labels.ts";
import type { References } from "../../components/render/references.ts";
import { renderService } from "../../components/render/service.ts";
import type { ServiceSpec } from "../../compose/app-spec.ts";
import { richService } from "../fixtures/rich-service.ts";
import { serviceSpec } from "../fixtures/spec.ts";

const references: References = {
  networks: { proxy: "id-proxy", wiki_ci_test_internal: "id-internal" },
  secrets: { wiki_ci_test_db_v1: "id-db" },
  configs: { wiki_ci_test_site_v1: "id-site" },
};
const PINNED = `wiki:1.0@sha256:${"a".repeat(64)}`;
const runLabels = { "recipe-ci.run": "run-wiki-1" };
const render = (service: ServiceSpec, labels = runLabels) => renderService(service, references, PINNED, labels);
const text = (service: ServiceSpec) => JSON.stringify(render(service));

type Rich = typeof richService;
const toggle = (service: Rich, field: "tty" | "openStdin") => {
  service[field] = !service[field];
};

describe("the arguments of a service", () => {
  test("that says something in every field", () => {
    expect(render(richService)).toMatchSnapshot();
  });

  test("that says nothing it need not say: what the provider reads back is there all the same", () => {
    expect(render(serviceSpec())).toMatchSnapshot();
  });

  test("are byte-equal each time, whatever the order of labels and variables", () => {
    const backwards = (record: Record<string, string>) => Object.fromEntries(Object.entries(record).reverse());
    const other = {
      ...structuredClone(richService),
      labels: backwards(richService.labels),
      containerLabels: backwards(richService.containerLabels),
      networks: richService.networks.map((network) => ({ ...network, aliases: network.aliases.toReversed() })),
    };
    expect(text(richService)).toBe(text(structuredClone(richService)));
    expect(text(other)).toBe(text(richService));
  });

  test("leave the spec as it was", () => {
    const given = structuredClone(richService);
    render(given);
    expect(given).toEqual(richService);
  });
});

describe("what a recipe asks for reaches the arguments", () => {
  // The provider has no argument for these (pulumi-docker, ServiceTaskSpecContainerSpec).
  const unsupported: [string, (service: Rich) => void][] = [
    ["tty", (service) => toggle(service, "tty")],
    ["openStdin", (service) => toggle(service, "openStdin")],
    ["ulimits", (service) => service.ulimits.pop()],
    ["oomScoreAdj", (service) => service.oomScoreAdj++],
    ["credentialSpec", (service) => delete service.credentialSpec.file],
    ["resources.limits.pids", (service) => delete service.resources.limits?.pids],
    ["healthcheck.startInterval", (service) => delete service.healthcheck.startInterval],
    ["mounts.volume.subpath", (service) => delete service.mounts[0]?.volume?.subpath],
  ];
  // The caller gives the image it pinned; the key is for references alone.
  const others = ["image", "key", ...unsupported.map(([field]) => field)];
  const plain: ServiceSpec = { ...serviceSpec(), name: "other", stopGracePeriod: 0, endpointMode: "vip" };
  const fields = Object.keys(richService).filter((field) => !others.includes(field)) as (keyof ServiceSpec)[];

  test.each(fields)("%s", (field) => {
    expect(text({ ...richService, [field]: plain[field] })).not.toBe(text(richService));
  });

  test.each(unsupported)("%s does not: when the provider learns it, render it", (_, change) => {
    const changed = structuredClone(richService);
    change(changed);
    expect(changed).not.toEqual(richService);
    expect(text(changed)).toBe(text(richService));
  });

  test("the image is the pinned one, not the one written", () => {
    expect(render(richService).taskSpec).toMatchObject({ containerSpec: { image: PINNED } });
  });

  test("a global service has no replicas", () => {
    expect(render(serviceSpec({ mode: { kind: "global" } })).mode).toEqual({ global: true });
    expect(render(serviceSpec({ mode: { kind: "replicated", replicas: 0 } })).mode).toEqual({
      replicated: { replicas: 0 },
    });
  });

  test("a health check that is switched off stays so", () => {
    const { taskSpec } = render(serviceSpec({ healthcheck: { test: ["NONE"] } }));
    expect(taskSpec).toMatchObject({ containerSpec: { healthcheck: { tests: ["NONE"] } } });
  });
});

describe("labels", () => {
  test("are sorted, and a later set wins", () => {
    expect(renderLabels({ b: "1", a: "2" }, { c: "3", b: "4" })).toEqual([
      { label: "a", value: "2" },
      { label: "b", value: "4" },
      { label: "c", value: "3" },
    ]);
  });

  test("of the run are on the service and on its containers, and no recipe can take them off", () => {
    const forged = { "recipe-ci.run": "another-run" };
    const args = render(serviceSpec({ labels: forged, containerLabels: forged }));
    const ours = { label: "recipe-ci.run", value: "run-wiki-1" };
    expect(args.labels).toEqual([ours]);
    expect(args.taskSpec).toMatchObject({ containerSpec: { labels: [ours] } });
  });
});
