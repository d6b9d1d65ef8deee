import { readFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { basename } from "node:path";
import { allPids } from "./processes.ts";
import { signalPid } from "./signal.ts";

/**
 * Ends Pulumi's plugins whose engine is gone, e.g. since it was killed: some of them wait for it for ever. Which
 * engine is a plugin's own stands among its arguments, as an address of this host; nobody listens there any more.
 * Does nothing where there is no /proc.
 *
 * @returns how many were ended
 */
export async function endOrphanedPlugins(): Promise<number> {
  const pids = await allPids();
  const orphaned = await Promise.all(pids.map(isOrphaned));
  return pids.filter((pid, index) => orphaned[index] && signalPid(pid, "SIGKILL")).length;
}

async function isOrphaned(pid: number): Promise<boolean> {
  // A process may end, or not be ours to read, between the listing and the look.
  const [program = "", ...args] = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
  if (!basename(program).startsWith("pulumi-resource-")) return false;
  const port = args.map((arg) => /^127\.0\.0\.1:(\d+)$/.exec(arg)?.[1]).find(Boolean);
  return port !== undefined && !(await listens(Number(port)));
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: "127.0.0.1", port });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => end(true));
    // Refused is the only answer that tells that nobody is there.
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code !== "ECONNREFUSED"));
  });
}
