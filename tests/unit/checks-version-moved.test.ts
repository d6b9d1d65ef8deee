import { describe, expect, test } from "vitest";
import { standsStill, versionMoved, whatChanged } from "../../checks/version-moved.ts";
import type { AppSpec, ServiceSpec } from "../../compose/app-spec.ts";
import { appSpec, checkContext, serviceSpec } from "../fixtures/spec.ts";

const OTHER_COMMIT = "fedcba9876543210fedcba9876543210fedcba98";
const base = appSpec();

describe("what an upgrade changes", () => {
  test.each<[string, Partial<AppSpec>, string[]]>([
    ["nothing", { commit: OTHER_COMMIT }, []],
    ["the version label", { version: "1.1.0+1.0" }, ["version"]],
    ["an image", { services: [serviceSpec({ image: "wiki:1.1" })] }, ["images"]],
    ["which services there are", { services: [serviceSpec(), serviceSpec({ key: "db" })] }, ["services"]],
    ["a config", { configs: [{ key: "c", name: "c_v2", external: false, labels: {}, data: "" }] }, ["configs"]],
    [
      "a secret",
      { secrets: [{ key: "s", name: "s_v2", labels: {}, users: [], generate: { enabled: true } }] },
      ["secrets"],
    ],
    ["a volume", { volumes: [{ key: "v", name: "v", external: false, driverOpts: {}, labels: {} }] }, ["volumes"]],
    ["a setting of a service", { services: [serviceSpec({ env: { A: "2" } })] }, ["environment"]],
    [
      "several things",
      { version: "2.0.0+2.0", services: [serviceSpec({ image: "wiki:2.0", env: { A: "2" } })] },
      ["version", "images", "environment"],
    ],
  ])("%s", (_, over, changes) => {
    expect(whatChanged(base, appSpec(over))).toEqual(changes);
  });

  test("a commit that stands in for a missing version is no change", () => {
    const unlabelled = (commit: string) =>
      appSpec({
        commit,
        version: undefined,
        services: [
          serviceSpec({ labels: { version: commit.slice(0, 8) }, env: { TYPE: `wiki:${commit.slice(0, 8)}` } }),
        ],
      });
    expect(whatChanged(unlabelled(base.commit), unlabelled(OTHER_COMMIT))).toEqual([]);
  });
});

test("an upgrade of nothing but the version label fails", async () => {
  const check = versionMoved(base, appSpec({ commit: OTHER_COMMIT, version: "1.1.0+1.0" }));
  await expect(check(checkContext())).rejects.toThrow("the upgrade changes nothing but the version label");
});

test("an upgrade that changes nothing fails, and says which versions are alike", async () => {
  const check = versionMoved(base, appSpec({ commit: OTHER_COMMIT }));
  await expect(check(checkContext())).rejects.toThrow(
    "the upgrade changes nothing: head (fedcba98) asks for the same as base 1.0.0+1.0",
  );
});

describe("a service that ran in base, and of which head asks for no container", () => {
  const idle = { kind: "replicated" as const, replicas: 0 };
  const head = (over: Partial<ServiceSpec>) =>
    appSpec({ version: "1.1.0+1.0", services: [serviceSpec({ image: "wiki:1.1", mode: idle, ...over })] });
  // Nothing listens at its engine: what is said before is asked of it is what counts here.
  test("is no upgrade of it", () => {
    expect(standsStill(base, head({}))).toEqual(["wiki_ci_test_app"]);
  });

  test.each<[string, Partial<ServiceSpec>]>([
    ["a timer starts it", { labels: { "swarm.cronjob.enable": "true" } }],
    ["it is a job", { mode: { kind: "replicated-job", totalCompletions: 1, maxConcurrent: 1 } }],
    ["it runs", { mode: { kind: "replicated", replicas: 2 } }],
  ])("but where %s", (_, over) => expect(standsStill(base, head(over))).toEqual([]));

  test("nor where it stood still before", () => expect(standsStill(head({}), head({}))).toEqual([]));
});
