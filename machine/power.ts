import { spawn } from "node:child_process";
import { open, readdir, readFile, rm, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { InfraError } from "../lib/errors.ts";
import { isAlive, type ProcessIdentity, parseStat } from "../lib/process-identity.ts";
import { waitGone } from "../lib/processes.ts";
import { signalPid, signalProcess } from "../lib/signal.ts";
import { DeadlineError, until } from "../lib/until.ts";
import { cgroupProcesses, hasLegacyCgroups, type MachineCgroups } from "./cgroup.ts";
import { SYSTEM_PATH } from "./host.ts";
import type { MachineLayout } from "./layout.ts";
import { type Bind, nspawnArguments } from "./nspawn.ts";
import { STEP_VARIABLE } from "./step-mark.ts";

/** Processes of a running machine on the host: the loop that restarts it, and systemd-nspawn. */
export interface Supervision {
  loop: ProcessIdentity;
  nspawn: ProcessIdentity;
}

/** Longest wait for a process that was told to end. */
const GONE = "20 s";

/** Bytes of the console's log kept from before a power-on. */
const CONSOLE_LIMIT = 4 << 20;

/** Who runs a machine, from its pid file; undefined when it is off, whatever a stale file says. */
export async function supervision(layout: MachineLayout): Promise<Supervision | undefined> {
  const found = parsePidFile(await readFile(layout.pid, "utf8").catch(() => ""));
  return found && isAlive(found.nspawn) ? found : undefined;
}

/** Reads the line that supervise.sh writes; undefined when it is not one. */
export function parsePidFile(text: string): Supervision | undefined {
  const match = /^([0-9a-f-]{36}) (\d+) (\d+) (\d+) (\d+)$/.exec(text.trim());
  if (!match) return undefined;
  const [, bootId = "", loop, loopStart, nspawn, nspawnStart] = match;
  return {
    loop: { pid: Number(loop), startTicks: Number(loopStart), bootId },
    nspawn: { pid: Number(nspawn), startTicks: Number(nspawnStart), bootId },
  };
}

/**
 * Starts a machine under a loop of its own session, which outlives the caller, and returns when systemd-nspawn
 * runs: what happens inside is for the caller's health gates. The overlay, network namespace and cgroups must be there.
 */
export async function powerOn(
  layout: MachineLayout,
  binds: readonly Bind[],
  hostname: string,
  cgroups: MachineCgroups,
): Promise<Supervision> {
  const running = await supervision(layout);
  if (running) return running;
  // Without a pid file, processes of the machine may still run: two systems on one disk would ruin it.
  await killAll(layout.id);
  await rm(layout.pid, { force: true });
  const command = ["systemd-nspawn", ...nspawnArguments(layout, binds, hostname, await hasLegacyCgroups())];
  await spawnLoop(layout, cgroups, command);
  return until(
    async () => {
      const started = await supervision(layout);
      return started ? { done: true, value: started } : { done: false, reason: await consoleTail(layout, 3) };
    },
    { what: "systemd-nspawn started", deadline: "10 s", every: "20 ms" },
  ).catch(asInfraError(layout));
}

/**
 * Stops a machine. `soft` lets its services end and turns hard after 20 s; `hard` pulls the plug.
 * Returns when no process of it is left; does nothing when it is off.
 */
export async function powerOff(layout: MachineLayout, how: "soft" | "hard"): Promise<void> {
  const running = await supervision(layout);
  if (running && how === "soft") {
    signalProcess(running.nspawn, "SIGTERM");
    await waitGone(running.nspawn, GONE).catch((error: unknown) => {
      if (!(error instanceof DeadlineError)) throw error;
    });
  }
  const found = parsePidFile(await readFile(layout.pid, "utf8").catch(() => ""));
  // The loop first, or it would take a machine that was rebooting for one to start again.
  if (found) for (const identity of [found.loop, found.nspawn]) await killOne(identity);
  await killAll(layout.id);
  await rm(layout.pid, { force: true });
}

/** Pid of the machine's own init as the host sees it; undefined until there is one. */
export async function leaderPid({ nspawn }: Supervision): Promise<number | undefined> {
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = parseStat(await readFile(`/proc/${name}/stat`, "utf8").catch(() => ""));
    if (stat?.parent === nspawn.pid && stat.state !== "Z") return Number(name);
  }
  return undefined;
}

/** Last lines a machine wrote to its console, in one text. */
export async function consoleTail({ console: path }: MachineLayout, lines = 12): Promise<string> {
  const text = await readFile(path, "utf8").catch(() => "");
  return text.trim().split("\n").slice(-lines).join("\n") || "its console is empty";
}

async function spawnLoop(layout: MachineLayout, cgroups: MachineCgroups, command: string[]): Promise<void> {
  const script = fileURLToPath(new URL("supervise.sh", import.meta.url));
  const flags = (await consoleSize(layout)) > CONSOLE_LIMIT ? "w" : "a";
  const log = await open(layout.console, flags, 0o600);
  try {
    const args = [script, layout.pid, cgroups.loop.join(" "), cgroups.machine.join(" "), ...command];
    const child = spawn("/bin/sh", args, {
      cwd: "/",
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
      // Nothing of the caller's environment: it may hold secrets, and lives as long as the machine.
      // Docker and Swarm set network parameters of the kernel; the rest of /proc/sys stays read-only.
      env: { PATH: SYSTEM_PATH, SYSTEMD_NSPAWN_API_VFS_WRITABLE: "network", ...ownMark() },
    });
    await new Promise((resolve, reject) => child.once("spawn", resolve).once("error", reject));
    child.unref();
  } finally {
    await log.close();
  }
}

/** Until the loop is in its cgroups, only this mark tells whose it is. */
function ownMark(): NodeJS.ProcessEnv {
  const mark = process.env[STEP_VARIABLE];
  return mark === undefined ? {} : { [STEP_VARIABLE]: mark };
}

async function consoleSize({ console: path }: MachineLayout): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

async function killOne(identity: ProcessIdentity): Promise<void> {
  if (signalProcess(identity, "SIGKILL")) await waitGone(identity, GONE);
}

/** Kills whatever still is in a machine's cgroups: children are born into them, so nothing escapes. */
async function killAll(id: string): Promise<void> {
  await until(
    async () => {
      const pids = await cgroupProcesses(id);
      for (const pid of pids) signalPid(pid, "SIGKILL");
      return pids.length === 0 ? { done: true, value: undefined } : { done: false, reason: `pids ${pids.join(", ")}` };
    },
    { what: `all processes of ${id} gone`, deadline: "15 s", every: "20 ms" },
  ).catch((error: unknown) => {
    if (!(error instanceof DeadlineError)) throw error;
    throw new InfraError(error.message, { remedy: "a process that hangs in the kernel needs a reboot of the host" });
  });
}

function asInfraError(layout: MachineLayout): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof DeadlineError)) throw error;
    throw new InfraError(`the machine did not start: ${error.lastReason}`, {
      remedy: `read ${layout.console}`,
      cause: error,
    });
  };
}
