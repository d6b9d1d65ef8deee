import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { lookAtDisk } from "../../cli/doctor-host.ts";
import { lookAtState } from "../../cli/doctor-state.ts";
import { describe as explain } from "../../lib/errors.ts";

/** As Pulumi made it for the passphrase `x`. */
const SALT = "v1:5mELZufzf70=:v1:46DM+Ipdxwsrifz3:C+/D+1EskXp/cSFrTU5xv77jqybXpQ==";

let state: string;
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), "recipe-ci-doctor-"));
  vi.stubEnv("PULUMI_BACKEND_URL", `file://${state}`);
  vi.stubEnv("PULUMI_CONFIG_PASSPHRASE", "x");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(state, { recursive: true, force: true });
});

async function stack(resources: object[]): Promise<void> {
  const folder = join(state, ".pulumi/stacks/recipe-ci");
  await mkdir(folder, { recursive: true });
  const latest = { secrets_providers: { type: "passphrase", state: { salt: SALT } }, resources };
  await writeFile(join(folder, "pr-1.json"), JSON.stringify({ version: 3, checkpoint: { latest } }, null, 4));
}

const SECRET = [{ outputs: { value: { "4dabf18193072939515e22adb298388d": "1b47", ciphertext: "v1:abc" } } }];

describe("doctor on the state", () => {
  test("says what stacks there are", async () => {
    expect(await lookAtState()).toBe("no stacks yet");
    await stack(SECRET);
    expect(await lookAtState()).toBe("pr-1");
  });

  test("sees a passphrase that can't read a stack's secrets, and says what to set", async () => {
    await stack(SECRET);
    vi.stubEnv("PULUMI_CONFIG_PASSPHRASE", "y");
    await expect(lookAtState()).rejects.toThrow(
      /^stack pr-1 was made with another passphrase\n {2}remedy: set PULUMI_CONFIG_PASSPHRASE/,
    );
  });

  test("lets another passphrase be where there is nothing secret", async () => {
    await stack([]);
    vi.stubEnv("PULUMI_CONFIG_PASSPHRASE", "y");
    expect(await lookAtState()).toBe("pr-1");
  });

  test("does not look at a state elsewhere", async () => {
    vi.stubEnv("PULUMI_BACKEND_URL", "s3://bucket");
    expect(await lookAtState()).toContain("not looked at");
  });
});

test("doctor sees a disk without room, also where the home is not made yet", async () => {
  vi.stubEnv("RECIPE_CI_HOME", "/proc/recipe-ci/home");
  const said = await lookAtDisk().catch(explain);
  expect(said).toMatch(/^0 MiB free for \/proc\/recipe-ci\/home, 8192 MiB needed\n {2}remedy: free some space/);
});
