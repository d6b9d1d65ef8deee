import { describe, expect, it } from "vitest";
import type { Labels } from "../../compose/app-spec.ts";
import { withoutResolver } from "../../compose/labels/entry-points.ts";
import { routing } from "../../compose/labels/routes.ts";
import { serviceSpec } from "../fixtures/spec.ts";

const ROUTE = {
  "traefik.enable": "true",
  "traefik.http.routers.wiki.rule": "Host(`wiki.ci.test`)",
  "traefik.http.services.wiki.loadbalancer.server.port": "80",
};
const app = (labels: Labels) =>
  serviceSpec({ key: "app", labels, networks: [{ key: "proxy", name: "proxy", aliases: [] }] });
const problems = (labels: Labels) => routing({ services: [app({ ...ROUTE, ...labels })] }).problems;

describe("a label that Traefik does not know", () => {
  it.each([
    ["traefik.http.routers.wiki.server.port", "traefik.http.services.wiki.loadbalancer.server.port"],
    ["traefik.http.routers.wiki.loadbalancer.server.port", "traefik.http.services.wiki.loadbalancer.server.port"],
    ["traefik.http.routers.wiki.port", "traefik.http.services.wiki.loadbalancer.server.port"],
    ["traefik.http.services.wiki.rule", "traefik.http.routers.wiki.rule"],
    ["traefik.http.services.wiki.tls.certresolver", "traefik.http.routers.wiki.tls.certresolver"],
    ["traefik.http.services.wiki.entrypoints", "traefik.http.routers.wiki.entrypoints"],
    ["traefik.http.services.wiki.server.port", "traefik.http.services.wiki.loadbalancer.server.port"],
    ["traefik.http.services.wiki.loadbalancer.port", "traefik.http.services.wiki.loadbalancer.server.port"],
    ["traefik.http.services.wiki.loadbalancer.servers.port", "traefik.http.services.wiki.loadbalancer.server.port"],
    ["traefik.http.services.wiki.loadbalance.server.port", "traefik.http.services.wiki.loadbalancer.server.port"],
    ["traefik.http.router.wiki.rule", "traefik.http.routers.wiki.rule"],
    ["traefik.http.middleware.wiki.redirectscheme.scheme", "traefik.http.middlewares.wiki.redirectscheme.scheme"],
    ["traefik.http.routers.wiki.entrypoint", "traefik.http.routers.wiki.entrypoints"],
    ["traefik.http.routers.wiki.tls.certresolvers", "traefik.http.routers.wiki.tls.certresolver"],
    ["traefik.http.routers.wiki.certresolver", "traefik.http.routers.wiki.tls.certresolver"],
    ["traefik.http.routers.wiki.middleware", "traefik.http.routers.wiki.middlewares"],
    ["traefik.tcp.routers.wiki.rules", "traefik.tcp.routers.wiki.rule"],
    ["traefik.udp.routers.wiki.entrypoint", "traefik.udp.routers.wiki.entrypoints"],
  ])("%s is named with what was meant", (label, meant) => {
    expect(problems({ [label]: "80" })).toContain(
      `app has the label ${label}, which Traefik does not know, so it passes the service over; likely meant: ${meant}`,
    );
  });

  it("is named alone where nothing is near", () => {
    expect(problems({ "traefik.http.routers.wiki.something.else": "x" })).toEqual([
      "app has the label traefik.http.routers.wiki.something.else, which Traefik does not know, so it passes the service over",
    ]);
  });

  it("is one of Traefik 1 beside no router", () => {
    const service = app({ "traefik.enable": "true", "traefik.frontend.rule": "Host:wiki", "traefik.port": "80" });
    expect(routing({ services: [service] }).problems).toEqual([
      "app has the label traefik.frontend.rule of Traefik 1, which no later one reads, and no router",
    ]);
  });
});

it.each([
  "traefik.http.routers.wiki.entryPoints",
  "traefik.http.routers.wiki.Priority",
  "traefik.http.routers.wiki.tls",
  "traefik.http.routers.wiki.tls.certResolver",
  "traefik.http.routers.wiki.tls.domains[0].main",
  "traefik.http.routers.wiki.ruleSyntax",
  "traefik.http.routers.wiki.observability.metrics",
  "traefik.http.services.wiki.loadbalancer.sticky.cookie.name",
  "traefik.http.services.wiki.loadBalancer.healthCheck.path",
  "traefik.http.services.wiki.loadbalancer.passHostHeader",
  "traefik.http.services.wiki.loadbalancer.server.scheme",
  "traefik.http.services.wiki.loadbalancer.serversTransport",
  "traefik.http.middlewares.wiki.headers.customrequestheaders.X-A",
  "traefik.http.middlewares.wiki.plugin.mine.any.thing",
  "traefik.tcp.middlewares.wiki.ipallowlist.sourcerange",
  "traefik.tcp.services.ssh.loadbalancer.server.port",
  "traefik.tcp.services.ssh.loadbalancer.proxyprotocol.version",
  "traefik.udp.services.voice.loadbalancer.server.port",
  "traefik.swarm.lbswarm",
  "traefik.tls.stores.default.defaultgeneratedcert.resolver",
  "traefik.port",
  "org.example.traefik.http.router.x",
])("%s is a label that is left alone", (label) => {
  expect(problems({ [label]: "1" })).toEqual([]);
});

const AT = "traefik.http.routers.wiki.entrypoints";

it.each([
  ["websecure", "web-secure"],
  ["web,websecure", "web-secure"],
  ["https", "web-secure"],
  ["http", "web"],
])("the entry point %s is what operators have as %s", (points, meant) => {
  expect(problems({ [AT]: points })).toEqual([
    `router wiki of app is at the entry point ${points.split(",").at(-1)}, which operators' Traefik calls ${meant}`,
  ]);
});

it.each(["web-secure", "web, web-secure", "websecure,web-secure", "matrix-federation"])(
  "the entry point %s is taken",
  (points) => {
    expect(problems({ [AT]: points })).toEqual([]);
  },
);

const RESOLVER = "traefik.http.routers.wiki.tls.certresolver";

it.each<[string, Labels, number]>([
  ["none", { [AT]: "web-secure" }, 1],
  ["TLS without a resolver", { [AT]: "web-secure", "traefik.http.routers.wiki.tls": "true" }, 1],
  ["that of another router", { [AT]: "web-secure", "traefik.http.routers.wiki2.tls.certresolver": "x" }, 1],
  ["one", { [AT]: "web-secure", [RESOLVER]: "production" }, 0],
  ["an empty one, as operators with a certificate of their own have it", { [AT]: "web-secure", [RESOLVER]: "" }, 0],
  ["none over plain HTTP", { [AT]: "web" }, 0],
])("a router names as resolver of certificates %s", (_, labels, count) => {
  expect(withoutResolver([app({ ...ROUTE, ...labels })])).toHaveLength(count);
});
