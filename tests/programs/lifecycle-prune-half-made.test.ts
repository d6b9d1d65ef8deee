import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { run } from "../../lib/exec.ts";
import { withLock } from "../../lib/lock.ts";
import { projectPath } from "../../lib/project.ts";
import { halfMade, rootfsCache } from "../../lifecycle/prune/half-made.ts";
import { NODE_ROOTFS } from "../../machine/rootfs/node-rootfs.ts";
import { rootfsKey } from "../../machine/rootfs/rootfs.ts";
import { scratchFolder, writeFiles } from "../fixtures/recipe-folder.ts";

const HOURS_MS = 2 * 3_600_000;
let home: string;

beforeEach(async () => {
  home = await scratchFolder();
  vi.stubEnv("RECIPE_CI_HOME", home);
  return () => vi.unstubAllEnvs();
});

/** Runs code of the project in a process that is killed by the programs of the given scripts as they are called. */
async function killedIn(code: string, programs: Record<string, string> = {}): Promise<void> {
  const bin = join(home, "bin");
  for (const [name, script] of Object.entries(programs)) {
    await mkdir(bin, { recursive: true });
    await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  const env = { ...process.env, RECIPE_CI_HOME: home, PATH: `${bin}:${process.env.PATH}` };
  const argv = [process.execPath, "--input-type=module", "-e", code] as const;
  expect((await run(argv, { cwd: projectPath(), env })).code).not.toBe(0);
}

async function left(...folders: string[]): Promise<string[]> {
  const all = await Promise.all(folders.map((folder) => readdir(join(home, folder)).catch(() => [])));
  return all.flat();
}

async function prune(now: number): Promise<number> {
  const { spare } = await halfMade(now);
  for (const { remove } of spare) await remove();
  return spare.length;
}

describe("what a process was making as it was killed goes an hour later:", () => {
  test.each<[string, string[], string, Record<string, string>]>([
    [
      "a part of the engine",
      ["engine"],
      `const { makePart } = await import("./pulumi/part.ts");
       const part = { title: "x", directory: "HOME/engine/docker-cli", executable: "docker", key: "k" };
       await makePart(part, async () => process.kill(process.pid, "SIGKILL"));
       await new Promise((resolve) => setTimeout(resolve, 10_000));`,
      {},
    ],
    [
      "the base of a stand-in",
      ["images"],
      `const { debianTarball } = await import("./images/debian-base.ts"); await debianTarball("trixie");`,
      { mmdebstrap: "shift $(($# - 2)); echo half > $1; kill -9 $PPID" },
    ],
    [
      "the repository of a folder",
      ["git"],
      `const { repoFromFolder } = await import("./source/folder-repo.ts");
       await repoFromFolder({ folder: "HOME/recipe", cacheDir: "HOME/git" });`,
      { git: "kill -9 $PPID" },
    ],
  ])("%s", async (_, folders, code, programs) => {
    await writeFiles({ "compose.yml": "x" }, join(home, "recipe"));
    await killedIn(code.replaceAll("HOME", home), programs);
    expect(await left(...folders)).toHaveLength(1);
    expect(await prune(Date.now())).toBe(0);
    expect(await prune(Date.now() + HOURS_MS)).toBe(1);
    expect(await left(...folders)).toEqual([]);
  });
});

test("what was made in full stays", async () => {
  await writeFiles(
    {
      "images/debian-trixie-0e459806.tar": "",
      "images/gitea-v1.26.0-12345678": "",
      "images/org.keycloak-keycloak-quarkus-dist-26.0.7-zip": "",
      "git/a.git/HEAD": "",
      "git/a.git.lock": "",
      "engine/docker-cli/docker": "",
      "engine/built/bin/pulumi": "",
      "pulumi/plugins/resource-command-v1.2.1/x": "",
    },
    home,
  );
  expect((await halfMade(Date.now() + HOURS_MS)).spare).toEqual([]);
});

test("a program that was being compiled goes an hour later", async () => {
  await writeFiles({ "images/gitea-v1.26.0-12345678.4711/main.go": "x" }, home);
  expect(await prune(Date.now())).toBe(0);
  expect(await prune(Date.now() + HOURS_MS)).toBe(1);
  expect(await left("images")).toEqual([]);
});

test("a checkout goes after a day", async () => {
  await writeFiles({ "git/trees/0123456789ab-XyZ012/compose.yml": "x" }, home);
  expect(await prune(Date.now() + HOURS_MS)).toBe(0);
  expect(await prune(Date.now() + 13 * HOURS_MS)).toBe(1);
  expect(await left("git/trees")).toEqual([]);
});

test("the lock file of a repository that is gone goes", async () => {
  await writeFiles({ "git/a.git.lock": "" }, home);
  expect(await prune(Date.now())).toBe(0);
  expect(await prune(Date.now() + HOURS_MS)).toBe(1);
  expect(await left("git")).toEqual([]);
});

test("a lock whose holder is gone goes at once, one that is held stays", async () => {
  await mkdir(join(home, "locks"));
  await symlink(`${2 ** 22 + 1} 1 another-boot`, join(home, "locks", "dead"));
  await withLock("something", async () => {
    expect(await prune(Date.now())).toBe(1);
    const now = await left("locks");
    expect([now.length, now.includes("dead")]).toEqual([1, false]);
  });
});

test("root file systems that nobody needs any more go, the next node's stays", async () => {
  const key = rootfsKey(NODE_ROOTFS);
  await writeFiles(
    { [`rootfs/${key}/etc/x`]: "12345", "rootfs/trixie-old/etc/x": "123", "rootfs/.trixie-killed-x/x": "" },
    home,
  );
  expect((await rootfsCache()).spare).toEqual([]);
  const { spare, bytes } = await rootfsCache(Date.now() + HOURS_MS);
  expect(bytes).toBe(8);
  expect(spare.map((one) => [one.name, one.bytes]).sort()).toEqual([
    [".trixie-killed-x", 0],
    ["trixie-old", 3],
  ]);
  for (const { remove } of spare) await remove();
  expect(await left("rootfs")).toEqual([key]);
});
