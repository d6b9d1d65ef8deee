import { InfraError } from "../lib/errors.ts";
import { ExecError } from "../lib/exec.ts";
import { exists } from "../lib/exists.ts";
import { findProgram } from "../lib/program.ts";
import { hostExec, SYSTEM_PATH } from "./host.ts";
import type { Progress } from "./progress.ts";

/** Programs a machine needs on the host, and the Debian package of each. */
const PROGRAMS: Record<string, string> = {
  mmdebstrap: "mmdebstrap",
  "systemd-nspawn": "systemd-container",
  iptables: "iptables",
  ip: "iproute2",
};

/** Verifies Debian's archive signatures; Debian has it installed, Ubuntu has not. */
const KEYRING = { path: "/usr/share/keyrings/debian-archive-keyring.gpg", package: "debian-archive-keyring" };

/**
 * Sees to it that the host has what a machine needs, installing missing packages by apt. Nothing else on the
 * host is changed.
 *
 * @throws InfraError when not root, or where packages are missing and apt is not there.
 */
export async function ensureRequirements(progress: Progress): Promise<void> {
  requireRoot();
  const missing = await missingPackages();
  if (missing.length === 0) return;
  if (!(await findProgram("apt-get", SYSTEM_PATH)))
    throw new InfraError(`not installed on this host: ${missing.join(", ")}`, {
      remedy: `install ${missing.join(", ")} with this system's package manager`,
    });
  progress(`installing ${missing.join(", ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  try {
    await hostExec(["apt-get", "update", "--quiet"], { env });
    await hostExec(["apt-get", "install", "--quiet", "--yes", "--no-install-recommends", ...missing], { env });
  } catch (error) {
    if (!(error instanceof ExecError)) throw error;
    throw new InfraError(`could not install ${missing.join(", ")}: ${error.message}`, {
      remedy: `run: apt-get install ${missing.join(" ")}`,
      cause: error,
    });
  }
}

/** @throws InfraError unless this process is root: mounts, namespaces and cgroups need it. */
export function requireRoot(): void {
  if (process.getuid?.() === 0) return;
  throw new InfraError("a local machine needs root for mounts, network namespaces and cgroups", {
    remedy: "run as root, or use this host's own Docker Engine: pulumi config set engine existing",
  });
}

/** Debian packages that this host lacks for a machine. */
export async function missingPackages(): Promise<string[]> {
  const missing: string[] = [];
  for (const [program, name] of Object.entries(PROGRAMS))
    if (!(await findProgram(program, SYSTEM_PATH))) missing.push(name);
  if (!(await exists(KEYRING.path))) missing.push(KEYRING.package);
  return missing;
}
