import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { InfraError, messageOf } from "../../lib/errors.ts";
import { exec } from "../../lib/exec.ts";
import type { Entry } from "../../swarm/entry/find.ts";
import { OWN_WAY, type OwnNetwork, ownNetwork } from "./own-network.ts";
import type { BrowserPrograms } from "./programs.ts";

/** A Chromium of one check's own. */
export interface RunningChromium {
  browser: Browser;
  /** Ends it, and takes its folder away. Can be called twice. */
  close(): Promise<void>;
}

/** Quiet: what it does of its own accord is no part of what a page does. */
export const QUIET = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
/** Neither the host's proxy nor its name servers are asked. */
const ALONE = "--no-proxy-server";

/**
 * Starts a Chromium that sees the world as users of the node do: names below the base domain lead to its Traefik, any
 * other name or address leads nowhere; and beside the authorities that it comes with it trusts the node's, in a store
 * of its own. It has a home of its own, and where this process is root a network, both of which are gone with it.
 *
 * @param folder where that home is made; one that outlives nothing, as raw traces lie there. Default: the system's
 * @throws InfraError when it does not start
 */
export async function startChromium(
  programs: BrowserPrograms,
  entry: Entry,
  folder = tmpdir(),
): Promise<RunningChromium> {
  const home = await mkdtemp(join(folder, "recipe-ci-browser-"));
  let own: OwnNetwork | undefined;
  const away = async () => {
    await own?.close();
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await trust(programs.certutil, entry.ca, home);
    own = await ownNetwork(programs.chromium, entry, home);
    // Half a second of a processor, which a run without a browser has better uses for.
    const { chromium } = await import("playwright-core");
    const browser = await chromium.launch({
      executablePath: own?.executable ?? programs.chromium,
      // Its sandbox refuses root; what it shows is served by the run's own containers.
      chromiumSandbox: process.getuid?.() !== 0,
      args: [...QUIET, ALONE, `--host-resolver-rules=${resolverRules(entry.baseDomain, own ? OWN_WAY : entry)}`],
      env: environment(home),
      // Raw traces hold secrets.
      tracesDir: join(home, "traces"),
      // A run ends in its own way, and closes it.
      ...{ handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false },
    });
    const close = async () => {
      await browser.close().catch(() => undefined);
      await away();
    };
    return { browser, close };
  } catch (error) {
    await away();
    if (error instanceof InfraError) throw error;
    throw new InfraError(`Chromium does not start: ${messageOf(error)}`, {
      remedy: `try: ${programs.chromium} --version`,
      cause: error,
    });
  }
}

/** Where names lead, as Chromium's `--host-resolver-rules`: the first that fits a name is followed. */
export function resolverRules(baseDomain: string, { address, port }: Pick<Entry, "address" | "port">): string {
  const way = `${address.includes(":") ? `[${address}]` : address}:${port}`;
  return [`MAP *.${baseDomain}:443 ${way}`, "MAP * ~NOTFOUND"].join(",");
}

/** A home without a past. Only that makes Chromium look for authorities in the store below. */
function environment(home: string): Record<string, string> {
  const kept = ["PATH", "LANG", "TZ"].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), HOME: home };
}

async function trust(certutil: string, ca: string, home: string): Promise<void> {
  const store = join(home, ".pki", "nssdb");
  const file = join(home, "authority.pem");
  await mkdir(store, { recursive: true });
  await writeFile(file, ca);
  try {
    await exec([certutil, "-d", `sql:${store}`, "-N", "--empty-password"]);
    await exec([certutil, "-d", `sql:${store}`, "-A", "-t", "C,,", "-n", "recipe-ci", "-i", file]);
  } catch (error) {
    throw new InfraError(`the node's authority can't be made known to Chromium: ${messageOf(error)}`, { cause: error });
  }
}
