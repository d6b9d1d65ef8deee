import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { repoFromFolder } from "../../source/folder-repo.ts";
import { APPLICATION_TWINS, applicationTwin } from "../application-twins.ts";
import { recipeCi, resultOf } from "./cli.ts";
import { TestRun, testSwarmWithImages } from "./swarm-fixture.ts";

const PROOF = { skip: !process.env.RECIPE_CI_PROOF };

/** An app of somebody else, which has a name in `proxy`. */
async function neighbour(alias: string): Promise<AsyncDisposable> {
  const swarm = await testSwarmWithImages();
  const run = new TestRun(swarm);
  const proxy = (await swarm.docker.listNetworks()).find(({ Name }) => Name === "proxy");
  const Command = ["sh", "-c", "mkdir /www; echo hello > /www/index.html; exec httpd -f -p 80 -h /www"];
  await run.service(
    "app",
    { Command, Labels: run.labels },
    { TaskTemplate: { Networks: [{ Target: proxy?.Id, Aliases: [alias] }] } },
  );
  return run;
}

test.each(Object.entries(APPLICATION_TWINS))("%s: fails where it must", PROOF, async (name, twin) => {
  const { recipe = "wordpress", checks, asked, beside, sees = /(?:)/, says = /./ } = twin;
  await using _neighbour = beside === undefined ? undefined : await neighbour(beside);
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
    expect(JSON.stringify(result.phases)).toMatch(sees);
    expect(result, result.reason).toMatchObject({ verdict: "fail", ledger: { left: [], lost: [] } });
  } finally {
    await rm(made.root, { recursive: true, force: true });
    await rm(cacheDir, { recursive: true, force: true });
  }
});
