import { describe, expect, test } from "vitest";
import type { ServiceSpec } from "../../compose/app-spec.ts";
import { withoutRoom } from "../../stacks/room-on-nodes.ts";
import type { SwarmNode } from "../../swarm/engines.ts";
import { serviceSpec } from "../fixtures/spec.ts";

const GIB = 2 ** 30;
const node = (more: Partial<SwarmNode> = {}): SwarmNode => ({
  id: "abc123",
  name: "first",
  role: "manager",
  state: "ready",
  availability: "active",
  labels: { disk: "ssd" },
  engineLabels: {},
  address: "10.0.0.2",
  os: "linux",
  architecture: "x86_64",
  resources: { nanoCpus: 2e9, memoryBytes: 8 * GIB },
  ...more,
});
const worker = node({ id: "def456", name: "second", role: "worker", labels: {} });
const of = (service: Partial<ServiceSpec>, ...nodes: SwarmNode[]) =>
  withoutRoom({ services: [serviceSpec({ key: "app", ...service })] }, nodes.length > 0 ? nodes : [node()]);
const asking = (...constraints: string[]) => ({ placement: { constraints, preferences: [] } });
const reserving = (reservations: { memoryBytes?: number; nanoCpus?: number }) => ({ resources: { reservations } });

describe("a service that no node can take is told before it waits for ever", () => {
  test("by the constraint that none fulfils, with what makes a node so", () => {
    expect(of(asking("node.role == manager", "node.labels.gpu == yes"))).toEqual([
      "service app asks for a node by deploy.placement.constraints: node.labels.gpu == yes, and no node of this Swarm is so; where a node is to have it: docker node update --label-add gpu=yes NODE",
    ]);
  });

  test("by constraints that no node fulfils together, also where it runs on all nodes", () => {
    const both = asking("node.role == worker", "node.labels.disk == ssd");
    const said =
      "service app asks for a node by deploy.placement.constraints: node.role == worker, node.labels.disk == ssd, and no node of this Swarm is all of it";
    expect(of({ ...both, mode: { kind: "global" } }, node(), worker)).toEqual([said]);
  });

  test("by what it reserves", () => {
    expect(of(reserving({ memoryBytes: 200 * GIB, nanoCpus: 64e9 }))).toEqual([
      "service app reserves 200.0 GiB of memory (deploy.resources.reservations.memory), and no node has more than 8.0 GiB",
      "service app reserves 64 processors (deploy.resources.reservations.cpus), and no node has more than 2",
    ]);
  });
});

describe("tasks that no node is too small for, and all nodes together are", () => {
  const many = (replicas: number, more: Partial<ServiceSpec> = {}) => ({
    mode: { kind: "replicated", replicas } as const,
    ...more,
  });
  const at = "deploy.resources.reservations";

  test("by how many a node may have of a service", () => {
    const one = { placement: { constraints: [], preferences: [], maxReplicas: 1 } };
    expect(of(many(3, one), node(), worker)).toEqual([
      "service app wants 3 tasks, and at most 1 on a node (deploy.placement.max_replicas_per_node): this Swarm has 2 nodes for it",
    ]);
    expect(of(many(2, one), node(), worker)).toEqual([]);
    expect(of({ mode: { kind: "global" }, ...one })).toEqual([]);
  });

  test("by what replicas and services reserve together", () => {
    expect(of(many(3, reserving({ memoryBytes: 3 * GIB })))).toEqual([
      `all tasks of app together reserve 9.0 GiB of memory (${at}.memory), and the node has 8.0 GiB`,
    ]);
    const two = ["app", "db"].map((key) => serviceSpec({ key, ...reserving({ nanoCpus: 1.5e9 }) }));
    expect(withoutRoom({ services: two }, [node()])).toEqual([
      `all tasks of app, db together reserve 3 processors (${at}.cpus), and the node has 2`,
    ]);
    expect(withoutRoom({ services: two }, [node(), worker])).toEqual([]);
    const aside = serviceSpec({ key: "db", ...asking("node.role == worker"), ...reserving({ nanoCpus: 1.5e9 }) });
    expect(withoutRoom({ services: [two[0] ?? aside, aside] }, [node(), worker])).toEqual([]);
  });
});

test("what a node can take is none of them, nor what has no container", () => {
  expect(of(asking("node.labels.disk == ssd"), worker, node())).toEqual([]);
  expect(of(reserving({ memoryBytes: 8 * GIB, nanoCpus: 2e9 }))).toEqual([]);
  expect(of({ ...asking("node.labels.gpu == yes"), mode: { kind: "replicated", replicas: 0 } })).toEqual([]);
  expect(of(reserving({ memoryBytes: 200 * GIB }), node({ resources: undefined }))).toEqual([]);
});

test("a node that takes nothing now is not counted", () => {
  expect(of(asking("node.labels.disk == ssd"), worker, node({ availability: "drain" }))).toHaveLength(1);
  expect(of(asking("node.labels.gpu == yes"), node({ state: "down" }))).toEqual([]);
});
