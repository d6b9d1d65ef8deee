import { expect, test } from "vitest";
import type { CheckContext, CheckFunction } from "../../checks/check.ts";
import { CheckFailure } from "../../checks/check-failure.ts";
import { failureOf } from "../../checks/recorder.ts";
import { InfraError } from "../../lib/errors.ts";
import { unlessEnded, unlessEndedBefore } from "../../stacks/plan/ended-meanwhile.ts";
import type { ConvergeCauseKind } from "../../swarm/converge/converge-error.ts";

const fails = (error: unknown) => async () => Promise.reject(error);
const ended = (kind: ConvergeCauseKind) =>
  fails(new CheckFailure("app: out of cheese", { details: { causes: [{ kind }] } }));
const silent = new CheckFailure("no answer", { details: { url: "/" } });
const context: unknown = {};

async function failure(run: CheckFunction, look: CheckFunction) {
  const check = unlessEnded({ name: "install.answers", title: "It answers", run, after: [] }, look);
  return failureOf(await check.run(context as CheckContext).catch((error: unknown) => error));
}

test("a check that fails after a task of the app ended says so first", async () => {
  expect(await failure(fails(silent), ended("exited"))).toMatchObject({
    error: "app: out of cheese\nwhat was seen of it: no answer",
    owner: "recipe",
    evidence: { url: "/", causes: [{ kind: "exited" }] },
  });
});

test("a check that says itself which task ended is not told so twice", async () => {
  const own = new CheckFailure("it does not start a second time: app: out of cheese\n  last log lines: none");
  expect((await failure(fails(own), ended("exited"))).error).toBe(own.message);
});

test.each<[string, CheckFunction]>([
  ["all tasks run", async () => ({ summary: "1 service still up" })],
  ["one only takes its time", ended("not-converged")],
  ["nobody can say so", fails(new InfraError("no engine"))],
])("it says its own reason where %s", async (_, look) => {
  expect((await failure(fails(silent), look)).error).toBe("no answer");
});

test("what is not the recipe's is not looked for in its tasks", async () => {
  expect((await failure(fails(new InfraError("no engine")), ended("exited"))).owner).toBe("infra");
});

test("a container that has ended while it was asked about is the app's", async () => {
  const refused = (statusCode: number) =>
    new InfraError("refused", { cause: Object.assign(new Error("container a1 is not running"), { statusCode }) });
  for (const status of [404, 409]) {
    expect(await failure(fails(refused(status)), ended("exited"))).toMatchObject({
      error: "app: out of cheese\nwhat was seen of it: refused",
      owner: "recipe",
    });
    expect((await failure(fails(refused(status)), ended("not-converged"))).owner).toBe("infra");
  }
  expect((await failure(fails(refused(500)), ended("exited"))).owner).toBe("infra");
});

test("a check that ends the app's tasks tells first of those that ended by themselves, and is not made then", async () => {
  const seen: string[] = [];
  const run = async () => ({ summary: String(seen.push("stopped")) });
  const planned = { name: "restore.data-destroyed", title: "The server is lost", run, after: [], stops: true };
  const asked = (look: CheckFunction) => unlessEndedBefore(planned, look).run(context as CheckContext);
  const error = failureOf(await asked(ended("exited")).catch((thrown: unknown) => thrown));
  expect(error).toMatchObject({ error: "app: out of cheese; that was before recipe-ci stopped it", owner: "recipe" });
  expect(seen).toEqual([]);
  await asked(ended("not-converged"));
  expect(seen).toEqual(["stopped"]);
});
