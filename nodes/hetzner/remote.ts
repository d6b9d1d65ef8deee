import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InfraError } from "../../lib/errors.ts";
import { type ExecResult, run } from "../../lib/exec.ts";
import { exists } from "../../lib/exists.ts";
import { sshArguments } from "../../lib/ssh-arguments.ts";
import { until } from "../../lib/until.ts";

const SOCKET = "/var/run/docker.sock";

/** Runs a script of ours on a server, as root. It goes by standard input: nobody's shell here ever reads it. */
export function runOn(address: string, script: string, timeout = 60_000): Promise<ExecResult> {
  return run(["ssh", ...sshArguments(address), "-l", "root", "--", address, "sh", "-s"], { input: script, timeout });
}

/** Whether ssh gets into a server now. */
export async function canReach(address: string): Promise<boolean> {
  return (await runOn(address, "exit 0\n")).code === 0;
}

/**
 * Does something with a server's Docker Engine as if its socket were here: OpenSSH's client carries it.
 *
 * @param work gets the path of the socket, which is there as long as it goes on
 * @throws InfraError where ssh can't connect
 */
export async function withEngine<T>(address: string, work: (socket: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "recipe-ci-"));
  const socket = join(folder, "engine");
  const options = [...sshArguments(address), "-o", "ExitOnForwardFailure=yes", "-N", "-L", `${socket}:${SOCKET}`];
  const child = spawn("ssh", [...options, "-l", "root", "--", address], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  let said = "";
  child.stderr.on("data", (piece) => (said = `${said}${piece}`.slice(-2000)));
  child.on("error", (error) => (said = error.message));
  try {
    await until(
      async () => {
        if (child.exitCode !== null) throw new InfraError(`ssh to ${address}: ${said.trim() || "it ended"}`);
        return (await exists(socket)) ? { done: true, value: undefined } : { done: false, reason: said.trim() };
      },
      { what: `ssh to ${address}`, deadline: "30 s", every: "50 ms" },
    );
    return await work(socket);
  } finally {
    child.kill();
    await ended;
    await rm(folder, { recursive: true, force: true });
  }
}
