import { describe, expect, test } from "vitest";
import { adaptToNode } from "../../components/adapt.ts";
import { keepTogether, suits } from "../../components/place.ts";
import type { SwarmNode } from "../../swarm/engines.ts";
import { appSpec, serviceSpec } from "../fixtures/spec.ts";

const node: SwarmNode = {
  id: "abc123",
  name: "second",
  role: "worker",
  state: "ready",
  availability: "active",
  labels: { disk: "ssd", "recipe-ci.capability.ipvs": "false" },
  engineLabels: { zone: "a" },
  address: "10.0.0.2",
  os: "linux",
  architecture: "x86_64",
};
const asking = (...constraints: string[]) => serviceSpec({ placement: { constraints, preferences: [] } });

describe("a service may run on a node", () => {
  test.each([
    "node.id==abc123",
    "node.id != other",
    "node.hostname == second",
    "node.role==worker",
    "node.role != Manager",
    "NODE.ROLE == WORKER",
    "node.ip==10.0.0.2",
    "node.platform.os == linux",
    "node.platform.arch==x86_64",
    "node.labels.disk == SSD",
    "node.labels.disk != hdd",
    "node.labels.none != x",
    "engine.labels.zone==a",
  ])("that fulfils %j", (text) => {
    expect(suits(asking(text), node)).toBe(true);
  });

  test.each([
    "node.id==abc",
    "node.id!=abc123",
    "node.hostname == first",
    "node.role==manager",
    "node.ip==10.0.0.1",
    "node.labels.disk==hdd",
    "node.labels.none == x",
    "node.labels.zone == a",
    "engine.labels.zone!=a",
    "node.colour!=red",
  ])("but not where it doesn't fulfil %j", (text) => {
    expect(suits(asking(text), node)).toBe(false);
    expect(suits(asking("node.role==worker", text), node)).toBe(false);
  });

  test("with all its tasks, of which a node may take only some", () => {
    const two = { mode: { kind: "replicated" as const, replicas: 2 } };
    const most = (maxReplicas: number) => ({ ...two, placement: { constraints: [], preferences: [], maxReplicas } });
    expect([0, 1, 2].map((count) => suits(serviceSpec(most(count)), node))).toEqual([true, false, true]);
  });
});

describe("services are kept together on a node", () => {
  const app = appSpec({
    services: [
      serviceSpec({ key: "app" }),
      serviceSpec({
        key: "db",
        placement: { constraints: ["node.labels.disk==ssd"], preferences: ["node.labels.rack"], maxReplicas: 3 },
      }),
      serviceSpec({ key: "edge", placement: { constraints: ["node.role==manager"], preferences: [] } }),
    ],
  });
  const given = structuredClone(app);
  const kept = keepTogether(given, node);

  test("by one more constraint; one that its recipe sends elsewhere stays as it is", () => {
    expect(kept.app).toEqual({
      ...app,
      services: [
        { ...app.services[0], placement: { constraints: ["node.id==abc123"], preferences: [] } },
        {
          ...app.services[1],
          placement: {
            constraints: ["node.labels.disk==ssd", "node.id==abc123"],
            preferences: ["node.labels.rack"],
            maxReplicas: 3,
          },
        },
        app.services[2],
      ],
    });
    expect(given).toEqual(app);
  });

  test("which is told of each of them, beside what else the node makes necessary", () => {
    const told = adaptToNode(app, { ipvs: false }, node).adaptations.map(
      ({ subject, change }) => `${subject}: ${change}`,
    );
    expect(told).toEqual([
      "wiki_ci_test_app: runs on node second alone",
      "wiki_ci_test_db: runs on node second alone",
      "wiki_ci_test_app: endpoint_mode vip -> dnsrr",
      "wiki_ci_test_db: endpoint_mode vip -> dnsrr",
      "wiki_ci_test_edge: endpoint_mode vip -> dnsrr",
    ]);
  });

  test("and not at all where there is only one", () => {
    expect(adaptToNode(app, { ipvs: true })).toEqual({ app, adaptations: [] });
  });
});
