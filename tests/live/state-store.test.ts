import { afterEach, describe, expect, it, vi } from "vitest";
import { recipeCi, resultOf } from "./cli.ts";
import { ownHome } from "./own-home.ts";
import { postgresStore, s3Store } from "./state-store.ts";

afterEach(() => vi.unstubAllEnvs());

async function stacks(): Promise<string[]> {
  const { code, stdout, stderr } = await recipeCi("pulumi", "stack", "ls", "--json");
  expect(code, stderr).toBe(0);
  return (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name.split("/").at(-1) ?? name);
}

function open(env: Record<string, string>): void {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  vi.stubEnv("PULUMI_CONFIG_PASSPHRASE", "shared");
}

/** Makes a stack here that somebody else sees, on another machine. */
async function share(others: () => Promise<void> = async () => undefined): Promise<void> {
  const made = await recipeCi("pulumi", "stack", "init", "shared", "--no-select");
  expect(made.code, made.stderr).toBe(0);
  await using _ = await ownHome("other");
  expect(await stacks()).toEqual(["shared"]);
  await others();
}

// Each starts a store: `npm run proof`.
describe.runIf(process.env.RECIPE_CI_PROOF)("states lie where PULUMI_BACKEND_URL says", { timeout: 900_000 }, () => {
  it.each([
    ["Postgres", postgresStore],
    ["S3", s3Store],
  ])("in %s, those of runs, and of stacks that several people share", async (_, start) => {
    await using store = await start();
    open(store.env);
    const result = resultOf(await recipeCi("run", "custom-html", "--json"));
    expect(result.verdict, result.reason).toBe("pass");
    expect(await stacks()).toEqual([]);
    await share(async () => {
      const removed = await recipeCi("pulumi", "stack", "rm", "shared", "--yes", "--non-interactive");
      expect(removed.code, removed.stderr).toBe(0);
    });
    expect(await stacks()).toEqual([]);
  });
});
