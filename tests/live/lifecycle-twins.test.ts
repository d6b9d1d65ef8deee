import { rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { repoFromFolder } from "../../source/folder-repo.ts";
import { STACK_PHASES } from "../../stacks/phases.ts";
import { type Inventory, inventory } from "../../swarm/inventory.ts";
import { TWINS, type Twin, type TwinName, twinSource } from "../twins.ts";
import { recipeCi, resultOf } from "./cli.ts";
import { changesSince, testSwarm, UNCHANGED } from "./swarm-fixture.ts";

/**
 * One of each phase that ends a run, of a base that blocks it, and of what is asked for; all others: `npm run proof`. One
 * whose upgrade loses data, as its volume has another name, is in data-verdicts.
 */
const SAMPLE: TwinName[] = ["answers-500", "no-such-image", "unreadable-base", "read-only-config-on-reattach"];
const ALL = Object.keys(TWINS) as TwinName[];
const names = process.env.RECIPE_CI_PROOF ? ALL : SAMPLE;

let before: Inventory;

beforeAll(async () => {
  before = await inventory(await testSwarm());
});

afterAll(async () => {
  expect(changesSince(before, await inventory(await testSwarm()))).toEqual(UNCHANGED);
});

/** The whole life of a twin, as a user would have it. */
async function lifeOf(name: TwinName, options: readonly string[]) {
  const source = await twinSource(name);
  try {
    const repo = await repoFromFolder({ ...source, cacheDir: join(source.root, "git") });
    const location = pathToFileURL(repo.gitDir).href;
    const outcome = await recipeCi("run", "custom-html", ...options, "--source", location, "--json");
    const result = resultOf(outcome);
    const failed = result.phases.flatMap((phase) => phase.checks).filter((check) => check.status === "failed");
    return { outcome, result, failed: failed.map((check) => check.name) };
  } finally {
    await rm(source.root, { recursive: true, force: true });
  }
}

describe.concurrent("a recipe that is broken in one way", () => {
  test.each(names.map((name) => [name, TWINS[name] as Twin] as const))(
    "%s: fails one check alone, and leaves nothing",
    async (name, twin) => {
      const { outcome, result, failed } = await lifeOf(name, twin.only ? [twin.only] : []);
      expect(failed.sort()).toEqual([twin.check, ...(twin.also ? [twin.also] : [])].sort());
      expect(result.phases.find((phase) => phase.status === "failed")?.name).toBe(twin.phase);
      expect(result.verdict, result.reason).toBe(twin.breaks === "base" ? "blocked" : "fail");
      expect(outcome.code).toBe(twin.breaks === "base" ? 3 : 1);
      for (const later of STACK_PHASES.slice((STACK_PHASES as readonly string[]).indexOf(twin.phase) + 1)) {
        expect(result.phases.find((phase) => phase.name === later)?.status).not.toBe("passed");
      }
      expect(result.ledger.left).toEqual([]);
    },
  );

  const special = ALL.filter((name) => "only" in TWINS[name]);
  test.skipIf(!process.env.RECIPE_CI_PROOF).each(special)(
    "%s: is found where the app starts again on what was restored, in a life that is not asked for it",
    async (name) => {
      const { result, failed } = await lifeOf(name, []);
      expect({ verdict: result.verdict, failed, left: result.ledger.left }).toEqual({
        verdict: "fail",
        failed: ["restore.starts-again"],
        left: [],
      });
    },
  );
});

test.skipIf(!process.env.RECIPE_CI_PROOF)(
  "a sound recipe is undeployed, and deployed again on what it left",
  async () => {
    const result = resultOf(await recipeCi("run", "custom-html", "--reattach", "--json"));
    expect(result, result.reason).toMatchObject({ verdict: "pass", ledger: { left: [] } });
    const upgrade = result.phases.find(({ name }) => name === "upgrade")?.checks ?? [];
    expect(upgrade.find(({ name }) => name === "upgrade.undeployed")).toMatchObject({
      summary: "1 service taken away, 1 volume kept",
    });
    expect(upgrade.find(({ name }) => name === "upgrade.version-moved")?.title).toContain("deployed anew");
  },
);
