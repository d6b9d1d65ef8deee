import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { backendEnv } from "../../pulumi/backend.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "recipe-ci-backend-"));
  vi.stubEnv("RECIPE_CI_HOME", folder);
  for (const name of ["PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"])
    vi.stubEnv(name, undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

describe("backendEnv", () => {
  test("state lies in a folder of this machine, which is made", async () => {
    expect(backendEnv().PULUMI_BACKEND_URL).toBe(`file://${folder}/state?metadata=skip`);
    expect((await stat(join(folder, "state"))).isDirectory()).toBe(true);
  });

  test("a passphrase is made once, kept, and readable by its owner only", async () => {
    const { PULUMI_CONFIG_PASSPHRASE_FILE: file = "", PULUMI_CONFIG_PASSPHRASE } = backendEnv();
    expect(PULUMI_CONFIG_PASSPHRASE).toBeUndefined();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const first = await readFile(file, "utf8");
    expect(first.trim().length).toBeGreaterThan(30);
    backendEnv();
    expect(await readFile(file, "utf8")).toBe(first);
  });

  test("what the user has set is passed on, an empty passphrase too", () => {
    vi.stubEnv("PULUMI_BACKEND_URL", "s3://bucket");
    vi.stubEnv("PULUMI_CONFIG_PASSPHRASE", "");
    expect(backendEnv()).toMatchObject({ PULUMI_BACKEND_URL: "s3://bucket", PULUMI_CONFIG_PASSPHRASE: "" });
    expect(backendEnv()).not.toHaveProperty("PULUMI_CONFIG_PASSPHRASE_FILE");
    vi.stubEnv("PULUMI_CONFIG_PASSPHRASE", undefined);
    vi.stubEnv("PULUMI_CONFIG_PASSPHRASE_FILE", "/etc/phrase");
    expect(backendEnv()).toMatchObject({
      PULUMI_BACKEND_URL: "s3://bucket",
      PULUMI_CONFIG_PASSPHRASE_FILE: "/etc/phrase",
    });
  });
});
