import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { repoFromFolder } from "../../source/folder-repo.ts";
import { STACK_PHASES } from "../../stacks/phases.ts";
import { inventory } from "../../swarm/inventory.ts";
import { TWINS, type Twin, type TwinName, twinSource } from "../twins.ts";
import { recipeCi, resultOf } from "./cli.ts";
import { changesSince, testSwarm, UNCHANGED } from "./swarm-fixture.ts";

describe("a recipe that is broken in one way", () => {
  for (const name of Object.keys(TWINS) as TwinName[]) {
    const twin: Twin = TWINS[name];
    test(`${name}: fails ${twin.check} alone, and leaves nothing`, async () => {
      const swarm = await testSwarm();
      const cacheDir = join(tmpdir(), `recipe-ci-twin-git-${process.pid}`);
      const source = await twinSource(name);
      try {
        const repo = await repoFromFolder({ ...source, cacheDir });
        const before = await inventory(swarm);
        const location = pathToFileURL(repo.gitDir).href;
        const outcome = await recipeCi("run", "custom-html", "--source", location, "--json");
        const result = resultOf(outcome);

        const failed = result.phases.flatMap((phase) => phase.checks).filter((check) => check.status === "failed");
        expect(failed.map((check) => check.name)).toEqual([twin.check]);
        expect(result.phases.find((phase) => phase.status === "failed")?.name).toBe(twin.phase);
        expect(result.verdict).toBe(twin.breaks === "base" ? "blocked" : "fail");
        expect(outcome.code).toBe(twin.breaks === "base" ? 3 : 1);
        for (const later of STACK_PHASES.slice((STACK_PHASES as readonly string[]).indexOf(twin.phase) + 1)) {
          expect(result.phases.find((phase) => phase.name === later)?.status).not.toBe("passed");
        }
        expect(result.ledger.left).toEqual([]);
        expect(changesSince(before, await inventory(swarm))).toEqual(UNCHANGED);
      } finally {
        await rm(source.root, { recursive: true, force: true });
        await rm(cacheDir, { recursive: true, force: true });
      }
    });
  }
});
