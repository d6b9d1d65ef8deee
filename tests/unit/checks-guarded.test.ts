import { expect, test } from "vitest";
import { guardOf, isKeptOut } from "../../checks/http/guarded.ts";
import { appSpec, serviceSpec, traefikPort } from "../fixtures/spec.ts";

const M = "traefik.http.middlewares";
const LIST = { [`${M}.vpn.ipAllowList.sourceRange`]: "192.0.2.0/24" };
const of = (middlewares: string, labels: Record<string, string>) => {
  const route = {
    "traefik.enable": "true",
    "traefik.http.routers.wiki.rule": "Host(`wiki.ci.test`)",
    "traefik.http.routers.wiki.middlewares": middlewares,
  };
  const web = serviceSpec({ key: "web", labels: { ...traefikPort(80), ...route, ...labels } });
  return guardOf(appSpec({ services: [web, serviceSpec({ key: "auth" })] }), { key: "web", port: 80 });
};
const asking = (address: string) => ({ [`${M}.sso.forwardauth.address`]: address });

test.each([
  ["a list of addresses", "vpn", LIST, "addresses"],
  ["one by its former name", "vpn@swarm", { [`${M}.vpn.ipwhitelist.sourcerange`]: "192.0.2.0/24" }, "addresses"],
  [
    "one in a chain of chains",
    "all",
    { ...LIST, [`${M}.all.chain.middlewares`]: "x, in@swarm", [`${M}.in.chain.middlewares`]: "all,vpn" },
    "addresses",
  ],
  ["a sign-on elsewhere", "security@file,sso", asking("https://auth.example.com/verify"), "sign-on"],
  ["a sign-on of the app's own", "sso", asking("http://auth:9091/verify"), undefined],
  ["a list that no router uses", "other", LIST, undefined],
] as const)("%s keeps us out: %s", (_, middlewares, labels, guard) => {
  expect(of(middlewares, labels)).toBe(guard);
});

test("a guard is known by what it answers", () => {
  expect([200, 401, 403, 500].map((status) => isKeptOut("addresses", status))).toEqual([false, false, true, false]);
  expect([200, 302, 401, 500].map((status) => isKeptOut("sign-on", status))).toEqual([false, true, true, true]);
  expect([302, 403].map((status) => isKeptOut(undefined, status))).toEqual([false, false]);
});
