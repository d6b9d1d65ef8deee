import { rm } from "node:fs/promises";
import { expect, onTestFinished, test } from "vitest";
import { whatChanged } from "../../checks/version-moved.ts";
import type { AppSpec } from "../../compose/app-spec.ts";
import { backupPlan } from "../../compose/labels/backup-labels.ts";
import { loadApp } from "../../compose/load.ts";
import { projectPath } from "../../lib/project.ts";
import { dockerCli } from "../../machine/docker-cli.ts";
import { type FolderOptions, repoFromFolder } from "../../source/folder-repo.ts";
import { scratchFolder } from "../fixtures/recipe-folder.ts";
import { BASE, TWINS, type TwinName, twinSource } from "../twins.ts";

async function loadBoth(from: Omit<FolderOptions, "cacheDir">): Promise<{ base: AppSpec; head: AppSpec }> {
  const repo = await repoFromFolder({ ...from, cacheDir: await scratchFolder() });
  const head = await repo.resolve();
  const base = await repo.base(head);
  expect(base?.version.text).toBe(BASE);
  const load = async (commit: string) => {
    const options = {
      checkout: await repo.checkout(commit),
      recipe: "custom-html",
      commit,
      dockerCli: await dockerCli(),
    };
    return loadApp({ ...options, domain: "cust-1a2b3c.ci.test" });
  };
  return { base: await load(base?.commit ?? ""), head: await load(head) };
}

async function loadTwin(name: TwinName): Promise<{ base: AppSpec; head: AppSpec }> {
  const twin = await twinSource(name);
  onTestFinished(() => rm(twin.root, { recursive: true }));
  return loadBoth(twin);
}

const clean = () =>
  loadBoth({ folder: projectPath("tests/recipes/custom-html"), releases: projectPath("tests/releases/custom-html") });

test("custom-html is clean: no warning, a backup, and an upgrade that changes image, config and version", async () => {
  const { base, head } = await clean();
  expect([base.version, head.version]).toEqual([BASE, "1.2.0+1.26.3"]);
  expect([...base.warnings, ...head.warnings, ...backupPlan(head).warnings]).toEqual([]);
  expect(backupPlan(head)).toMatchObject({ enabled: true, service: "app", volumes: [{ key: "content" }] });
  expect([base, head].map((spec) => spec.services[0]?.image)).toEqual(["nginx:1.22.1", "nginx:1.26.3"]);
  expect(base.configs[0]?.name).not.toBe(head.configs[0]?.name);
  expect(base.volumes).toEqual(head.volumes);
  expect(base.secrets).toEqual(head.secrets);
});

const twins = Object.keys(TWINS) as TwinName[];

test("each twin differs from custom-html where it says, and only there", { timeout: 60_000 }, async () => {
  const good = await clean();
  const plain = (spec: AppSpec) => JSON.stringify({ ...spec, commit: "" });
  for (const name of twins) {
    if (TWINS[name].breaks === "base") {
      await expect(loadTwin(name), name).rejects.toThrow("compose.yml:");
      continue;
    }
    const bad = await loadTwin(name);
    expect(plain(bad.head), name).not.toBe(plain(good.head));
    expect(plain(bad.base) === plain(good.base), name).toBe(TWINS[name].breaks === "head");
  }
});

test("the twins' defects are in the spec", async () => {
  const volumes = await loadTwin("renames-volume");
  expect(volumes.head.volumes.map((volume) => volume.key)).toEqual(["html"]);
  const same = await loadTwin("vacuous-upgrade");
  expect(whatChanged(same.base, same.head)).toEqual(["version"]);
  expect(backupPlan((await loadTwin("no-backup-labels")).head).problem).toBe("labels-absent");
  expect(backupPlan((await loadTwin("backup-names-no-volume")).head).problem).toBe("no-volume");
});
