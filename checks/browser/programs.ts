import { InfraError } from "../../lib/errors.ts";
import { exists } from "../../lib/exists.ts";
import { findProgram } from "../../lib/program.ts";
import { SYSTEM_PATH } from "../../machine/host.ts";
import type { Progress } from "../../machine/progress.ts";
import { installPackages } from "../../machine/requirements.ts";

/** What a browser check runs on the host. */
export interface BrowserPrograms {
  chromium: string;
  /** Makes the store of the authorities that Chromium trusts. */
  certutil: string;
}

/** Names that Chromium has where it is installed. */
const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const PACKAGES = { chromium: "chromium", certutil: "libnss3-tools" };

/**
 * The programs of a browser check, installed by apt where they are missing and this process is root. `CHROMIUM_PATH`
 * names another Chromium than the system's.
 *
 * @throws InfraError with what is missing and how it is had
 */
export async function ensureBrowser(progress: Progress): Promise<BrowserPrograms> {
  const found = await lookFor();
  const missing = missingOf(found);
  if (missing.length > 0) await installPackages(missing, "a check in a browser", progress);
  const { chromium, certutil } = missing.length > 0 ? await lookFor() : found;
  if (chromium && certutil) return { chromium, certutil };
  throw new InfraError(`a check in a browser needs ${missingOf({ chromium, certutil }).join(", ")}`, {
    remedy: "install it, or name a Chromium by CHROMIUM_PATH",
  });
}

function missingOf({ chromium, certutil }: Partial<BrowserPrograms>): string[] {
  return [...(chromium ? [] : [PACKAGES.chromium]), ...(certutil ? [] : [PACKAGES.certutil])];
}

async function lookFor(): Promise<Partial<BrowserPrograms>> {
  const path = `${process.env.PATH ?? ""}:${SYSTEM_PATH}`;
  const certutil = await findProgram("certutil", path);
  const named = process.env.CHROMIUM_PATH;
  if (named !== undefined) {
    if (await exists(named)) return { chromium: named, certutil };
    throw new InfraError(`there is no Chromium at ${named}`, { remedy: "correct CHROMIUM_PATH, or unset it" });
  }
  for (const name of NAMES) {
    const chromium = await findProgram(name, path);
    if (chromium) return { chromium, certutil };
  }
  return { certutil };
}
