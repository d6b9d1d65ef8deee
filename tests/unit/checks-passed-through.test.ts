import { expect, test } from "vitest";
import { isFor, passedThrough } from "../../checks/http/passed-through.ts";
import { appSpec, serviceSpec } from "../fixtures/spec.ts";

const tcp = (name: string, rule: string, more: Record<string, string> = {}) => ({
  "traefik.enable": "true",
  [`traefik.tcp.routers.${name}.rule`]: rule,
  [`traefik.tcp.routers.${name}.tls.passthrough`]: "true",
  [`traefik.tcp.services.${name}.loadbalancer.server.port`]: "443",
  ...more,
});
const found = (labels: Record<string, string>) =>
  passedThrough(appSpec({ services: [serviceSpec({ labels })] }), "ci.test");

test("an app shows its own certificate for the names whose TLS is passed on to it", () => {
  const labels = tcp("own", "HostSNI(`wiki.ci.test`) || HostSNI(`wiki.example.org`)");
  expect(found(labels)).toEqual([{ router: "own", host: "wiki.ci.test" }]);
  expect(
    found(tcp("own", "HostSNI(`wiki.ci.test`)", { "traefik.tcp.routers.own.entrypoints": "web-secure" })),
  ).toHaveLength(1);
});

test.each<[string, Record<string, string>]>([
  ["ends in Traefik", tcp("own", "HostSNI(`wiki.ci.test`)", { "traefik.tcp.routers.own.tls.passthrough": "false" })],
  [
    "is at another entry point",
    tcp("own", "HostSNI(`wiki.ci.test`)", { "traefik.tcp.routers.own.entrypoints": "smtp" }),
  ],
  ["is for whoever asks", tcp("own", "HostSNI(`*`)")],
  [
    "is an HTTP router's as well",
    tcp("own", "HostSNI(`wiki.ci.test`)", {
      "traefik.http.routers.web.rule": "Host(`wiki.ci.test`)",
      "traefik.http.routers.web.service": "web",
      "traefik.http.services.web.loadbalancer.server.port": "80",
    }),
  ],
])("and none where that %s", (_, labels) => {
  expect(found(labels)).toEqual([]);
});

test("a certificate is for a name as clients judge it: by its names, and by its subject where it has none", () => {
  expect(isFor("wiki.ci.test", { subject: "x", names: "wiki.ci.test, www.ci.test" })).toBe(true);
  expect(isFor("wiki.ci.test", { subject: "x", names: "*.ci.test, IP Address:192.0.2.1" })).toBe(true);
  expect(isFor("wiki.ci.test", { subject: "wiki.ci.test", names: "" })).toBe(true);
  expect(isFor("wiki.ci.test", { subject: "wiki.ci.test", names: "blog.example.org" })).toBe(false);
  expect(isFor("wiki.ci.test", { subject: "blog.example.org", names: "" })).toBe(false);
});
