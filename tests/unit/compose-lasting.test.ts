import { expect, test } from "vitest";
import type { ServiceSpec } from "../../compose/app-spec.ts";
import { mayEndWell } from "../../compose/convert/lasting.ts";
import { serviceSpec } from "../fixtures/spec.ts";

const once = { key: "init", restartPolicy: { condition: "on-failure" } } as const;
const port = { target: 80, published: 80, protocol: "tcp", mode: "ingress" } as const;
const check = (test: string[]) => ({ test });

test.each<[string, Partial<ServiceSpec>, boolean]>([
  ["started again after a failure alone", {}, true],
  ["never started again", { restartPolicy: { condition: "none" } }, true],
  ["never asked for its health", { healthcheck: check(["NONE"]) }, true],
  ["always started again", { restartPolicy: { condition: "any" } }, false],
  ["silent about it", { restartPolicy: undefined }, false],
  ["the app itself", { key: "app" }, false],
  ["asked for its health", { healthcheck: check(["CMD", "true"]) }, false],
  ["asked by Traefik", { labels: { "traefik.enable": "true" } }, false],
  ["asked from outside", { ports: [port] }, false],
  ["a job, of which Swarm says it by itself", { mode: { kind: "global-job" } }, false],
])("a service may be done once it ends well: %s", (_, more, may) => {
  expect(mayEndWell(serviceSpec({ ...once, ...more }))).toBe(may);
});
