import { expect, test } from "vitest";
import { httpRoutes, mainRoute, tcpRoutes } from "../../compose/labels/http-routes.ts";
import { pathOf } from "../../compose/labels/rule-path.ts";
import { appSpec, serviceSpec } from "../fixtures/spec.ts";

test.each([
  ["Host(`wiki.ci.test`)", "/"],
  ["Host(`wiki.ci.test`) && PathPrefix(`/wiki`)", "/wiki"],
  ["(Host(`a.ci.test`) || Host(`b.ci.test`)) && PathPrefix(`/wiki`)", "/wiki"],
  ["Host(`wiki.ci.test`) && (PathPrefix(`/api`) || Path(`/login`))", "/api"],
  ["Host(`wiki.ci.test`) || PathPrefix(`/wiki`)", "/"],
  ["PathPrefix(`/wiki`) || Host(`wiki.ci.test`)", "/"],
  ["Host(`wiki.ci.test`) && !PathPrefix(`/private`)", "/"],
  ["Host(`wiki.ci.test`) && PathPrefix(`/`)", "/"],
  ['Host("a.ci.test") && Path("/x||y")', "/x||y"],
  ["", "/"],
])("%s begins at %s", (rule, path) => {
  expect(pathOf(rule)).toBe(path);
});

/** A service whose labels route one rule to one port. */
function routed(key: string, rule: string, protocol = "http") {
  const labels = {
    "traefik.enable": "true",
    [`traefik.${protocol}.routers.${key}.rule`]: rule,
    [`traefik.${protocol}.services.${key}.loadbalancer.server.port`]: "80",
  };
  return serviceSpec({ key, labels });
}

test("users of an app begin at its domain, over TLS, and at the router that takes every path, whichever is named first", () => {
  const api = routed("api", "Host(`wiki.ci.test`) && PathPrefix(`/api`)");
  const web = routed("web", "Host(`wiki.ci.test`)");
  expect(mainRoute(appSpec({ services: [api, web] }))).toMatchObject({ router: "web", path: "/" });
  expect(mainRoute(appSpec({ services: [api] }))).toMatchObject({ router: "api", path: "/api" });
  const admin = routed("admin", "Host(`admin.ci.test`)");
  expect(mainRoute(appSpec({ services: [admin, web] }))?.router).toBe("web");
  const plain = { "traefik.http.routers.web.entrypoints": "web" };
  const redirect = { ...web, labels: { ...web.labels, ...plain } };
  expect(mainRoute(appSpec({ services: [redirect, admin] }))?.router).toBe("admin");
});

test("a router for TCP is none for HTTP", () => {
  const app = appSpec({ services: [routed("ssh", "HostSNI(`*`)", "tcp")] });
  expect([httpRoutes(app), tcpRoutes(app)]).toEqual([[], [expect.objectContaining({ router: "ssh", port: 80 })]]);
});
