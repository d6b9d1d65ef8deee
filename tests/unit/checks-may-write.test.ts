import { expect, test } from "vitest";
import { writtenVolumes } from "../../checks/volumes/may-write.ts";
import type { Mount, ServiceSpec } from "../../compose/app-spec.ts";
import { appSpec, serviceSpec, volumeMount } from "../fixtures/spec.ts";

const data = { key: "data", name: "wiki_data", external: false, driverOpts: {}, labels: {} };
const told = (services: Partial<ServiceSpec>[], mount: Partial<Mount> = {}, volume: Partial<typeof data> = {}) =>
  writtenVolumes(
    appSpec({
      services: services.map((one) =>
        serviceSpec({ image: "wiki:1", mounts: [{ ...volumeMount("wiki_data", "/data"), ...mount }], ...one }),
      ),
      volumes: [{ ...data, ...volume }],
    }),
  ).flatMap(({ services: writers }) => writers.map(({ key }) => key));

test("whoever mounts a volume to write to it is asked", () => {
  expect(told([{}, { key: "worker" }])).toEqual(["app", "worker"]);
  expect(told([{}, { key: "reader", mounts: [{ ...volumeMount("wiki_data", "/data"), readOnly: true }] }])).toEqual([
    "app",
  ]);
});

test.each([
  [
    "one that is there for a while, and may be the one that writes",
    [{}, { key: "init", restartPolicy: { condition: "none" } as const }],
  ],
  ["one that a timer starts", [{}, { key: "job", labels: { "swarm.cronjob.enable": "true" } }]],
])("with %s nobody can tell", (_, services) => {
  expect(told(services)).toEqual([]);
});

test("what is mounted to be read alone, in part, or is no app's own, is not asked for", () => {
  expect(told([{}], { readOnly: true })).toEqual([]);
  expect(told([{}], { volume: { subpath: "a" } })).toEqual([]);
  expect(told([{}], {}, { external: true })).toEqual([]);
});
