import { expect, test } from "vitest";
import type { RunResult } from "../../lifecycle/result.ts";
import { inventory } from "../../swarm/inventory.ts";
import { recipeCi, resultOf } from "./cli.ts";
import { changesSince, testSwarm, UNCHANGED } from "./swarm-fixture.ts";

const PROOF = { skip: !process.env.RECIPE_CI_PROOF, timeout: 1_800_000 };

/** All by which apps of a run are known on the node and outside. */
function namesOf({ run, deployments = [] }: RunResult): string[] {
  return [run, ...deployments.flatMap(({ namespace, domain }) => [namespace, domain])];
}

/** What a check of the run said. */
function summaryOf({ phases }: RunResult, name: string): string {
  const check = phases.flatMap(({ checks }) => checks).find((one) => one.name === name);
  return check?.status === "passed" ? (check.summary ?? "") : "";
}

test("two runs of Gitea with a Keycloak each pass beside each other, and don't meet", PROOF, async () => {
  const swarm = await testSwarm();
  const before = await inventory(swarm);
  const outcomes = await Promise.all([1, 2].map(() => recipeCi("run", "gitea", "--json")));
  const [one, two] = outcomes.map(resultOf) as [RunResult, RunResult];
  for (const result of [one, two]) {
    expect(result, result.reason).toMatchObject({ verdict: "pass", ledger: { left: [], lost: [] } });
    expect(result.deployments?.map(({ recipe }) => recipe)).toEqual(["keycloak", "gitea"]);
    const keycloak = result.deployments?.[0]?.domain;
    expect(summaryOf(result, "install.keycloak.sign-on-gitea")).toContain(`https://${keycloak}/realms/gitea`);
    expect(summaryOf(result, "restore.journey-push")).toMatch(/^\d commits in ci-user\/journey-/);
  }
  expect(namesOf(one).filter((name) => namesOf(two).includes(name))).toEqual([]);
  // They went on at the same time.
  const ended = ({ startedAt, durationMs }: RunResult) => Date.parse(startedAt) + durationMs;
  expect(Math.max(Date.parse(one.startedAt), Date.parse(two.startedAt))).toBeLessThan(Math.min(ended(one), ended(two)));
  expect(changesSince(before, await inventory(swarm))).toEqual(UNCHANGED);
});
