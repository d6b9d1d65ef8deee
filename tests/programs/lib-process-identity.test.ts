import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { isAlive, parseStat, processIdentity } from "../../lib/process-identity.ts";
import { until } from "../../lib/until.ts";

describe("a process's identity", () => {
  const own = processIdentity();

  it("survives being written to a file and read again", () => {
    expect(isAlive(JSON.parse(JSON.stringify(own)))).toBe(true);
    expect(own).toEqual({ pid: process.pid, startTicks: expect.any(Number), bootId: expect.any(String) });
  });

  it("is not that of a process started at another time, or in another boot, with the same pid", () => {
    expect(isAlive({ ...own, startTicks: (own.startTicks ?? 0) + 1 })).toBe(false);
    expect(isAlive({ ...own, bootId: "another" })).toBe(false);
    expect(isAlive({ pid: own.pid })).toBe(false);
  });

  it("is gone with its process", async () => {
    const child = spawn("sleep", ["30"]);
    await once(child, "spawn");
    const identity = processIdentity(child.pid);
    expect(isAlive(identity)).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isAlive(identity)).toBe(false);
  });

  it("is gone when its process is a zombie", async () => {
    // The shell becomes a program that never waits for the child it inherits; the shell itself would.
    const parent = spawn("sh", ["-c", "sleep 30 & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      const [line] = await once(parent.stdout, "data");
      const pid = Number(String(line));
      await fileSays(`/proc/${parent.pid}/comm`, (name) => name === "sleep\n");
      process.kill(pid, "SIGKILL");
      await fileSays(`/proc/${pid}/stat`, (stat) => parseStat(stat)?.state === "Z");
      expect(isAlive(processIdentity(pid))).toBe(false);
    } finally {
      parent.kill("SIGKILL");
      await once(parent, "exit");
    }
  });
});

/** Waits until a file of /proc says something. */
function fileSays(path: string, isSaid: (text: string) => boolean): Promise<void> {
  const look = async () => {
    const text = await readFile(path, "utf8");
    return isSaid(text) ? ({ done: true, value: undefined } as const) : ({ done: false, reason: text } as const);
  };
  return until(look, { what: path, deadline: "30 s", every: "10 ms" });
}

describe("a line of /proc/PID/stat", () => {
  it("may hold a command name with spaces and parentheses", () => {
    const line = `7 (a) b (c) S 3 ${Array.from({ length: 17 }, () => "0").join(" ")} 999 1 2`;
    expect(parseStat(line)).toEqual({ state: "S", parent: 3, startTicks: 999 });
  });

  it.each(["", "garbage", "7 (a) S 3"])("is not %j", (line) => {
    expect(parseStat(line)).toBeUndefined();
  });
});
