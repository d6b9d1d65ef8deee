import { expect, test } from "vitest";
import { publicName, withoutInternet } from "../../checks/no-internet.ts";
import { Probe, type ProbeResponse } from "../../checks/probe.ts";
import type { ConvergeCause } from "../../swarm/converge/converge-error.ts";
import { appSpec, checkContext, networkSpec, serviceSpec } from "../fixtures/spec.ts";

const cause: ConvergeCause = {
  kind: "exited",
  service: "wiki_ci_test_app",
  message: "task failed (task: non-zero exit (6))",
  logs: "curl: (6) Could not resolve host: plugins.wiki.org",
  owner: "recipe",
  failures: 1,
};

test.each([
  ["curl: (6) Could not resolve host: plugins.wiki.org", "plugins.wiki.org"],
  ["Error: getaddrinfo EAI_AGAIN registry.wiki.io", "registry.wiki.io"],
  ["dial tcp: lookup feeds.wiki.net on 127.0.0.11:53: server misbehaving, no such host", "feeds.wiki.net"],
])("%j asks for a name of the internet's", (logs, name) => {
  expect(publicName({ ...cause, logs })).toBe(name);
});

test.each([
  "could not translate host name: could not resolve db",
  "getaddrinfo ENOTFOUND postgres.internal",
  "bad address 'db.wiki.example.com'",
  "Error: getaddrinfo ENOTFOUND db\n    at lookup (node:dns.js)",
  "connected to plugins.wiki.org",
])("%j does not", (logs) => {
  expect(publicName({ ...cause, logs })).toBeUndefined();
});

function asked(error: string | undefined, internal = false) {
  const context = checkContext();
  const probe = Object.assign(Object.create(Probe.prototype), { http: async () => ({ error }) as ProbeResponse });
  const networks = [networkSpec({ internal })];
  const service = serviceSpec({
    networks: [{ key: networks[0]?.key ?? "", name: networks[0]?.name ?? "", aliases: [] }],
  });
  return withoutInternet(cause, { ...context, app: appSpec({ services: [service], networks }), probe });
}

test("where the node finds no such name at all, that is the node's", async () => {
  expect(await asked("Could not resolve host: example.com")).toMatchObject({
    owner: "infra",
    said: expect.stringMatching(/^wiki_ci_test_app asks for plugins\.wiki\.org, .* not even example\.com/),
  });
});

test("where it does, or the app is kept from all of them, it is the recipe's", async () => {
  expect(await asked(undefined)).toBeUndefined();
  expect(await asked("Failed to connect to example.com port 80")).toBeUndefined();
  expect(await asked("Could not resolve host: example.com", true)).toBeUndefined();
});
