import { describe, expect, test } from "vitest";
import { otherRoutes, urlOf } from "../../checks/http/other-routes.ts";
import { otherTcpRoutes } from "../../checks/http/tcp-routes.ts";
import { passedOver } from "../../checks/http/unserved.ts";
import { httpRoutes } from "../../compose/labels/http-routes.ts";
import { parseLog, type TraefikState } from "../../swarm/entry/traefik.ts";
import { appSpec, serviceSpec } from "../fixtures/spec.ts";
import recorded from "../fixtures/traefik-answers.json" with { type: "json" };

/** A service whose labels route one rule to one port. */
function routed(key: string, rule: string, port: number, entrypoints = "web-secure") {
  const labels = {
    "traefik.enable": "true",
    [`traefik.http.routers.${key}.rule`]: rule,
    [`traefik.http.routers.${key}.entrypoints`]: entrypoints,
    [`traefik.http.services.${key}.loadbalancer.server.port`]: String(port),
  };
  return serviceSpec({ key, labels });
}

const web = routed("web", "Host(`wiki.ci.test`)", 80);
const api = routed("api", "Host(`wiki.ci.test`) && PathPrefix(`/api`)", 3000);

describe("the routes that no other check asks", () => {
  const app = appSpec({ services: [web, api] });
  const names = (asked: Parameters<typeof otherRoutes>[1]) => otherRoutes(app, asked).map(({ router }) => router);

  test("are all but the first, where that is asked by default", () => {
    expect(names([{}])).toEqual(["api"]);
  });

  test("are also those that lead to the same place, as www does", () => {
    const www = {
      ...web.labels,
      "traefik.http.routers.web-www.rule": "Host(`www-wiki.ci.test`)",
      "traefik.http.routers.web-www.service": "web",
    };
    const both = appSpec({ services: [serviceSpec({ key: "web", labels: www })] });
    expect(otherRoutes(both, [{}]).map(({ router }) => router)).toEqual(["web-www"]);
  });

  test("by TCP are those that a definition does not ask", () => {
    const labels = {
      "traefik.enable": "true",
      "traefik.tcp.routers.ssh.rule": "HostSNI(`*`)",
      "traefik.tcp.services.ssh.loadbalancer.server.port": "2222",
    };
    const git = appSpec({ services: [serviceSpec({ key: "git", labels })] });
    expect(otherTcpRoutes(git, []).map(({ router }) => router)).toEqual(["ssh"]);
    expect(otherTcpRoutes(git, [{ tcp: { service: "git", port: 2222 } }])).toEqual([]);
    expect(otherTcpRoutes(git, [{ tls: { service: "git", port: 443 } }])).toHaveLength(1);
  });

  test("are all where health is something else than an answer over HTTP", () => {
    expect(names([])).toEqual(["web", "api"]);
  });

  test("are none where a definition asks each", () => {
    expect(names([{ path: "/login" }, { service: "api", path: "/api/version" }])).toEqual([]);
  });
});

describe("where users have what a router leads to", () => {
  test.each([
    ["its host", "Host(`api-wiki.ci.test`)", "https://api-wiki.ci.test/"],
    ["its host and path", "Host(`wiki.ci.test`) && PathPrefix(`/api`)", "https://wiki.ci.test/api"],
    ["the first host that the run's names cover", "Host(`x.org`) || Host(`wiki.ci.test`)", "https://wiki.ci.test/"],
    ["nowhere, by names of others alone", "Host(`x.org`)", undefined],
    ["nowhere that is known, by a header", "Host(`wiki.ci.test`) && Header(`X-A`, `b`)", undefined],
    ["nowhere that is known, by what it is not", "Host(`wiki.ci.test`) && !PathPrefix(`/x`)", undefined],
    ["nowhere that is known, by a pattern", "HostRegexp(`.+`)", undefined],
  ])("%s", (_, rule, url) => {
    const [route] = httpRoutes(appSpec({ services: [routed("api", rule, 3000)] }));
    expect(route && urlOf(route, "ci.test")).toBe(url);
  });

  test("is not asked at an entry point that is not that of sites", () => {
    const federation = routed("api", "Host(`wiki.ci.test`)", 3000, "matrix-federation");
    const [route] = httpRoutes(appSpec({ services: [federation] }));
    expect(route && urlOf(route, "ci.test")).toBeUndefined();
  });
});

describe("routers that Traefik passes over", () => {
  const state: TraefikState = { ...recorded.rawdata, tcpRouters: {}, log: parseLog(recorded.log.join("\n")) };
  const entry = { address: "10.0.0.1", port: 443, baseDomain: "ci.test", entryPoints: ["web", "web-secure"] };
  const told = (...names: string[]) => passedOver({ app: appSpec(), entry }, names, state);

  test("are told with its reason", () => {
    expect(told("right", "nomiddleware", "absent")).toEqual([
      expect.stringMatching(/^router nomiddleware is switched off: middleware "auth@swarm" does not exist/),
      expect.stringMatching(/^router absent, which the labels declare, is none that Traefik knows/),
    ]);
  });

  test("are a mistake where they mean that of sites, and otherwise its operators' business", () => {
    expect(told("noentry")).toEqual([expect.stringMatching(/entryPoint "websecure" doesn't exist.*; there are web/)]);
    const error = [`entryPoint "matrix-federation" doesn't exist`, "no valid entryPoint for this router"];
    const routers = { "fed@swarm": { status: "disabled", error } };
    expect(passedOver({ app: appSpec(), entry }, ["fed"], { ...state, routers })).toEqual([]);
  });
});
