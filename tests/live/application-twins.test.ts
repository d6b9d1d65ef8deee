import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { repoFromFolder } from "../../source/folder-repo.ts";
import { APPLICATION_TWINS, applicationTwin } from "../application-twins.ts";
import { recipeCi, resultOf } from "./cli.ts";

const PROOF = { skip: !process.env.RECIPE_CI_PROOF };

test.each(Object.entries(APPLICATION_TWINS))("%s: fails where it must", PROOF, async (name, twin) => {
  const { recipe = "wordpress", checks, asked, says = /./ } = twin;
  const cacheDir = join(tmpdir(), `recipe-ci-twin-git-${process.pid}-${name}`);
  const made = await applicationTwin(name);
  try {
    const repo = await repoFromFolder({ ...made, cacheDir });
    const source = ["--source", pathToFileURL(repo.gitDir).href];
    const outcome = await recipeCi("run", recipe, ...source, ...(asked ? [asked] : []), "--json");
    const result = resultOf(outcome);
    const failed = result.phases.flatMap((phase) => phase.checks).filter((check) => check.status === "failed");
    // The second app fails as the first does, in the same phase and at the same time.
    const names = new Set(failed.map((check) => check.name.replace("move.", "restore.")));
    expect(names.size).toBeGreaterThan(0);
    expect(checks).toEqual(expect.arrayContaining([...names]));
    expect(failed.map((check) => check.error).join("\n")).toMatch(says);
    expect(result).toMatchObject({ verdict: "fail", ledger: { left: [], lost: [] } });
  } finally {
    await rm(made.root, { recursive: true, force: true });
    await rm(cacheDir, { recursive: true, force: true });
  }
});
