import { describe, expect, test } from "vitest";
import { adaptToNode } from "../../components/adapt.ts";
import type { ServiceSpec } from "../../compose/app-spec.ts";
import { appSpec, serviceSpec } from "../fixtures/spec.ts";

const app = appSpec({
  services: [
    serviceSpec({ key: "db", endpointMode: "dnsrr" }),
    serviceSpec({
      key: "web",
      ports: [
        { target: 80, published: 8080, protocol: "tcp", mode: "ingress" },
        { target: 53, protocol: "udp", mode: "ingress" },
        { target: 22, published: 2222, protocol: "tcp", mode: "host" },
      ],
    }),
  ],
});

describe("a node without IPVS", () => {
  const given = structuredClone(app);
  const adapted = adaptToNode(given, { ipvs: false, overlay: true });

  test("finds services by DNS, and opens published ports on the node itself", () => {
    expect(adapted.app).toEqual({
      ...app,
      services: [
        app.services[0],
        {
          ...app.services[1],
          endpointMode: "dnsrr",
          ports: [
            { target: 80, published: 8080, protocol: "tcp", mode: "host" },
            { target: 53, protocol: "udp", mode: "host" },
            { target: 22, published: 2222, protocol: "tcp", mode: "host" },
          ],
        },
      ],
    });
    expect(given).toEqual(app);
  });

  test("names every departure from the recipe, and nothing else", () => {
    expect(adapted.adaptations.map(({ subject, change }) => `${subject}: ${change}`)).toEqual([
      "wiki_ci_test_web: endpoint_mode vip -> dnsrr",
      "wiki_ci_test_web: port 8080:80/tcp ingress -> host mode",
      "wiki_ci_test_web: port random:53/udp ingress -> host mode",
    ]);
    expect(new Set(adapted.adaptations.map(({ reason }) => reason))).toEqual(
      new Set(["the node's kernel has no IPVS"]),
    );
  });
});

test("a node that leads virtual addresses by itself keeps them, and opens ports all the same", () => {
  const { app: kept, adaptations } = adaptToNode(app, { ipvs: false, virtualIps: true });
  expect(kept.services.map(({ endpointMode }) => endpointMode)).toEqual(["dnsrr", "vip"]);
  expect(adaptations.map(({ change }) => change)).toEqual([
    "port 8080:80/tcp ingress -> host mode",
    "port random:53/udp ingress -> host mode",
  ]);
});

test.each<[string, Partial<ServiceSpec>]>([
  ["has several tasks", { mode: { kind: "replicated", replicas: 2 } }],
  ["starts a new one before the old one ends", { updateConfig: { parallelism: 1, order: "start-first" } }],
])("without IPVS nothing is published that the mesh would, where a service %s", (_, over) => {
  const ports: ServiceSpec["ports"] = [
    { target: 80, published: 8080, protocol: "tcp", mode: "ingress" },
    { target: 22, published: 2222, protocol: "tcp", mode: "host" },
  ];
  const adapted = adaptToNode(appSpec({ services: [serviceSpec({ ports, ...over })] }), { ipvs: false });
  expect(adapted.app.services[0]?.ports).toEqual(ports.slice(1));
  expect(adapted.adaptations.map(({ change }) => change)).toContain("port 8080:80/tcp ingress -> not published");
});

test.each<[string, Record<string, boolean>]>([
  ["a node with IPVS", { ipvs: true }],
  ["a node that does not say", {}],
])("%s takes the recipe as it is", (_, capabilities) => {
  expect(adaptToNode(app, capabilities)).toEqual({ app, adaptations: [] });
});
