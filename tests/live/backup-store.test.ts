import { readdir, readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { afterEach, describe, expect, it, vi } from "vitest";
import { STORE, STORE_KEYS } from "../../checks/backup/store.ts";
import { present } from "../../lib/present.ts";
import { reportFolder } from "../../lifecycle/run-folder.ts";
import { RunningCli, resultOf } from "./cli.ts";
import { s3Store } from "./state-store.ts";

afterEach(() => vi.unstubAllEnvs());

/** Where containers of the node reach this machine. */
function ownAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return present(addresses.find(({ family, internal }) => family === "IPv4" && !internal)?.address, "an address");
}

/** Files below a folder. */
async function files(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found.filter((one) => one.isFile()).map(({ parentPath, name }) => `${parentPath}/${name}`);
}

// It starts a store: `npm run proof`.
describe.runIf(process.env.RECIPE_CI_PROOF)("backups in a store", { timeout: 900_000 }, () => {
  it("are made, found by a new app, and go with the run; without what opens it the recipe is not at fault", async () => {
    await using store = await s3Store(ownAddress());
    vi.stubEnv(STORE.variable, `s3:${store.url}/backups`);
    vi.stubEnv(STORE_KEYS.variable, store.keys);
    const running = new RunningCli("run", "custom-html", "--json");
    let most = 0;
    const ended = running.exited();
    const looks = setInterval(async () => {
      most = Math.max(most, (await files(store.folder).catch(() => [])).length);
    }, 500);
    await ended;
    clearInterval(looks);
    const result = resultOf(running);
    expect(result.verdict, result.reason).toBe("pass");
    const passed = result.phases.flatMap(({ checks }) => checks.map(({ name }) => name));
    expect(passed).toContain("restore.elsewhere-restored");
    // Its settings, its key, an index, a snapshot and what that holds.
    expect(most).toBeGreaterThan(4);
    expect(await files(store.folder)).toEqual([]);
    const [, secret = ""] = store.keys.split(":");
    for (const file of await files(reportFolder(result.run)))
      expect(await readFile(file, "utf8")).not.toContain(secret);

    vi.stubEnv(STORE_KEYS.variable, "somebody:else");
    const refused = new RunningCli("run", "custom-html", "--json");
    await refused.exited();
    const { verdict, reason, phases } = resultOf(refused);
    expect(verdict, reason).toBe("infra");
    const owners = phases.flatMap(({ checks }) => checks.flatMap((one) => (one.status === "failed" ? one.owner : [])));
    expect(new Set(owners)).toEqual(new Set(["infra"]));
  });
});
