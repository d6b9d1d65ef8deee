import { describe, expect, test } from "vitest";
import type { Owner } from "../../lib/owner.ts";
import { deployFailure } from "../../lifecycle/deploy-failure.ts";
import type { Operation } from "../../lifecycle/stack.ts";

const CALM = { cancelled: false, late: false };
const urn = (...types: string[]) => `urn:pulumi:run::recipe-ci::${types.join("$")}::wiki_app`;
const component = (name: string) => `recipe-ci:index:${name}`;
const APP = urn(component("SwarmApp"), "docker:index/service:Service");

function failing(message: string, over: Partial<Operation> = {}): Operation {
  return { changes: {}, failures: [{ urn: APP, message }], ...over };
}

describe("what a deployment fails of is", () => {
  test.each<[string, Owner, string]>([
    ["what the node was asked for", "recipe", "invalid mount config for type bind: field Source must not be empty"],
    ["a rule of Swarm's", "recipe", "port '80' is already in use by service x as an ingress port"],
    [
      "an engine that is gone",
      "infra",
      "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?",
    ],
    ["one that goes meanwhile", "infra", 'Post "http://%2Fx/v1.45/services/create": EOF: connection reset by peer'],
    [
      "an engine that our own client found gone",
      "infra",
      "the Docker Engine at unix:///x does not answer: connect ENOENT",
    ],
    ["a plugin that died", "infra", "rpc error: code = Unavailable desc = error reading from server: EOF"],
    [
      "a subnet that somebody took meanwhile",
      "infra",
      "invalid pool request: Pool overlaps with other one on this address space",
    ],
    ["a full disk", "infra", "failed to create volume: mkdir /var/lib/docker/volumes/x: no space left on device"],
  ])("%s: %s", (_, owner, message) => {
    expect(deployFailure(failing(message), CALM)).toEqual({ status: "failed", owner, error: `wiki_app: ${message}` });
  });

  test("another recipe's that it needs, unless its own fails as well", () => {
    const needed = { urn: APP.replace(/::wiki_app$/, "::needs:keycloak:service:db"), message: "no such mount" };
    expect(deployFailure({ changes: {}, failures: [needed] }, CALM)).toEqual({
      status: "failed",
      owner: "dependency",
      error: "dependency keycloak: needs:keycloak:service:db: no such mount",
    });
    const both = { changes: {}, failures: [needed, { urn: APP, message: "no such port" }] };
    expect(deployFailure(both, CALM)).toMatchObject({ owner: "recipe" });
  });

  test("the engine's, where it has no resource to name", () => {
    const operation = { changes: {}, failures: [], error: "the stack is locked" };
    expect(deployFailure(operation, CALM)).toMatchObject({ error: "the stack is locked", owner: "infra" });
  });

  test("a defect, where the program of the stack broke", () => {
    const operation = { changes: {}, failures: [], error: "Running program failed" };
    expect(deployFailure(operation, { ...CALM, thrown: new TypeError("x is undefined") })).toMatchObject({
      owner: "defect",
      error: expect.stringContaining("x is undefined"),
    });
  });

  test.each(["cancelled", "late"] as const)("nobody's in the recipe when it was %s", (why) => {
    expect(deployFailure(failing("canceled"), { ...CALM, [why]: true })).toMatchObject({ owner: "infra" });
  });

  test("nothing, where only checks failed: they say so themselves", () => {
    const check = "urn:pulumi:run::recipe-ci::recipe-ci:index:Check$pulumi:index:Stash::install.answers";
    expect(deployFailure({ changes: {}, failures: [{ urn: check, message: "no" }] }, CALM)).toBeUndefined();
  });

  test.each<[string, string[], Owner]>([
    ["a network of the app's own", [component("SwarmApp"), component("ApiObject"), "command:local:Command"], "recipe"],
    ["our own probe", [component("ProbeService"), "docker:index/service:Service"], "infra"],
    ["our own backup helper", [component("BackupRoundTrip"), "docker:index/container:Container"], "infra"],
    ["the guard", [component("Guard"), "command:local:Command"], "infra"],
    ["a network that the definition provides", [component("ApiObject"), "command:local:Command"], "infra"],
    ["the provider", ["pulumi:providers:docker"], "infra"],
  ])("charged by what it is: %s", (_, types, owner) => {
    const failures = [{ urn: urn(...types), message: "name is taken" }];
    expect(deployFailure({ changes: {}, failures }, CALM)).toMatchObject({ owner });
  });

  test("the recipe's, where its app fails beside something of ours", () => {
    const failures = [urn(component("ProbeService"), "x"), APP].map((one) => ({ urn: one, message: "name is taken" }));
    expect(deployFailure({ changes: {}, failures }, CALM)).toMatchObject({ owner: "recipe" });
  });

  test("a defect, where the program broke later on", () => {
    const operation = { changes: {}, failures: [], error: "TypeError: x is undefined\n    at stacks/recipe.ts:1" };
    expect(deployFailure(operation, CALM)).toMatchObject({
      owner: "defect",
      error: expect.stringMatching(/^a defect of recipe-ci: TypeError/),
      trace: expect.stringContaining("stacks/recipe.ts"),
    });
  });
});
