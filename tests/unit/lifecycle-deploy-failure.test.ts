import { describe, expect, test } from "vitest";
import type { Owner } from "../../lib/owner.ts";
import { deployFailure } from "../../lifecycle/deploy-failure.ts";
import type { Operation } from "../../lifecycle/stack.ts";

const CALM = { cancelled: false, late: false };
const APP = "urn:pulumi:run::recipe-ci::docker:index/service:Service::wiki_app";

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

  test("the engine's, where it has no resource to name", () => {
    const operation = { changes: {}, failures: [], error: "the stack is locked" };
    expect(deployFailure(operation, CALM)).toMatchObject({ error: "the stack is locked" });
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
});
