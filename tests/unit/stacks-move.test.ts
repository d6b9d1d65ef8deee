import { describe, expect, test } from "vitest";
import type { Seed } from "../../checks/seeds/seed.ts";
import type { AppSpec, ServiceSpec, VolumeSpec } from "../../compose/app-spec.ts";
import { namesElsewhere, runNames } from "../../compose/env/stack-name.ts";
import type { RecipeDefinition } from "../../recipes/define-recipe.ts";
import { besideFirst } from "../../stacks/beside-first.ts";
import { planPhases } from "../../stacks/plan/recipe-plan.ts";
import { appSpec, networkSpec, serviceSpec, traefikPort, volumeMount } from "../fixtures/spec.ts";

const data: VolumeSpec = { key: "data", name: "wiki_data", external: false, driverOpts: {}, labels: {} };
const mounts = [volumeMount("wiki_data", "/data")];

function moveOf(
  service: Partial<ServiceSpec>,
  over: Partial<AppSpec> = {},
  definition: Partial<RecipeDefinition> = {},
) {
  const head = appSpec({ services: [serviceSpec({ mounts, ...service })], volumes: [data], ...over });
  const plan = planPhases({ definition: { name: "wiki", ...definition }, head });
  const restore = plan.find(({ name }) => name === "restore");
  const move = plan.find(({ name }) => name === "move");
  return {
    names: restore?.checks.map(({ name }) => name) ?? [],
    elsewhere: plan.flatMap(({ checks }) => checks.filter((check) => check.elsewhere).map(({ name }) => name)),
    moved: move?.checks.map(({ name }) => name),
    left: move?.leftOut,
    reason: move?.skip,
  };
}

describe("a backup is restored in a new app beside the first", () => {
  test("with checks that are about that one alone", () => {
    const { elsewhere, moved, reason } = moveOf({});
    expect(reason).toBeUndefined();
    expect(elsewhere).toEqual(moved);
    expect(elsewhere).toEqual(expect.arrayContaining(["move.seed-file", "move.steady"]));
  });

  test.each<[string, Partial<ServiceSpec>, Partial<AppSpec>]>([
    ["a network of its own without a subnet", {}, { networks: [networkSpec({})] }],
    ["a subnet of others", {}, { networks: [networkSpec({ external: true, ipam: { subnets: ["10.9.0.0/24"] } })] }],
    ["a port of the node", { ports: [{ target: 53, published: 53, protocol: "udp", mode: "host" }] }, {}],
    ["a port that the node chooses", { ports: [{ target: 80, protocol: "tcp", mode: "ingress" }] }, {}],
    [
      "a folder that it only reads",
      { mounts: [...mounts, { type: "bind", source: "/etc", target: "/e", readOnly: true }] },
      {},
    ],
  ])("also where it has %s", (_, service, over) => {
    expect(moveOf(service, over).reason).toBeUndefined();
  });

  test.each<[string, Partial<ServiceSpec>, Partial<AppSpec>, Partial<RecipeDefinition>, string]>([
    [
      "a folder of the node",
      { mounts: [...mounts, { type: "bind", source: "/srv", target: "/srv" }] },
      {},
      {},
      "service app writes to /srv of the node, where both would meet",
    ],
    [
      "a volume of others",
      {},
      { volumes: [data, { ...data, key: "shared", name: "shared", external: true }] },
      {},
      "volume shared is not the app's own: both would meet in it",
    ],
    [
      "a subnet of its own",
      {},
      { networks: [networkSpec({ ipam: { subnets: ["10.9.0.0/24"] } })] },
      {},
      "network internal has a subnet of its own, which a node has once",
    ],
    [
      "reserved memory",
      { resources: { reservations: { memoryBytes: 1 << 30 } } },
      {},
      {},
      "service app reserves resources, which the node may not have twice",
    ],
    ["a definition that says why", {}, {}, { noSecondApp: "needs 6 GiB" }, "needs 6 GiB"],
    [
      "data elsewhere",
      {},
      {},
      { seeds: [{ name: "object", destroy: async () => undefined } as unknown as Seed] },
      "a seed lies outside of the app's own volumes, where both would meet",
    ],
  ])(
    "but not with %s: the reason is in the plan, and the first starts on nothing instead",
    (_, service, over, definition, why) => {
      const { elsewhere, reason, names } = moveOf(service, over, definition);
      expect({ elsewhere, reason }).toEqual({ elsewhere: [], reason: why });
      expect(names).toContain("restore.starts-empty");
    },
  );
});

test("a restore hook needs an app that runs, and so one that starts on nothing", () => {
  const labels = { "backupbot.backup": "true", "backupbot.restore.post-hook": "/load.sh" };
  expect(moveOf({ labels }).names).toEqual(expect.arrayContaining(["restore.starts-empty", "restore.gone-file"]));
  expect(moveOf({ labels: { "backupbot.backup": "true" } }).names).not.toContain("restore.starts-empty");
});

test("the new app is without the ports that the first one has of the node, and the report says so", () => {
  const ports: ServiceSpec["ports"] = [
    { target: 53, published: 53, protocol: "udp", mode: "host" },
    { target: 80, protocol: "tcp", mode: "ingress" },
  ];
  const { app, adaptations } = besideFirst(appSpec({ services: [serviceSpec({ ports })] }));
  expect(app.services.flatMap((one) => one.ports)).toEqual(ports.slice(1));
  expect(adaptations).toEqual([
    { subject: app.services[0]?.name, change: "port 53/udp is not published", reason: expect.any(String) },
  ]);
});

describe("what a moved app answers is to name its new domain alone", () => {
  const labels = traefikPort(80);
  const domain = "wiki-1a2b3c.ci.test";

  test("where Traefik routes to it", () => {
    expect(moveOf({ labels }, { domain }).moved).toContain("move.forgets-name");
    expect(moveOf({}, { domain }).moved).not.toContain("move.forgets-name");
  });

  test("or its definition says why it can't, which the report repeats", () => {
    const { moved, left } = moveOf({ labels }, { domain }, { keepsName: "ids hold it" });
    expect(moved).not.toContain("move.forgets-name");
    expect(left).toMatchObject([{ name: "move.forgets-name", reason: "ids hold it" }]);
  });
});

test("the new app's names are of the same form, and nobody else's", () => {
  const names = runNames("wiki", "run-wiki-1");
  const elsewhere = namesElsewhere(names);
  expect(elsewhere).toEqual(namesElsewhere(names));
  expect(elsewhere.domain).toMatch(/^wiki-[0-9a-f]{6}\.ci\.test$/);
  expect(elsewhere.namespace).toHaveLength(names.namespace.length);
  expect(new Set([elsewhere.domain, names.domain, namesElsewhere(runNames("wiki", "run-wiki-2")).domain]).size).toBe(3);
});
