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
    // The shell becomes a program that never waits for the child it inherits.
    const parent = spawn("sh", ["-c", "sleep 0 & echo $!; exec sleep 30"], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(parent.stdout, "data");
    const pid = Number(String(line));
    await until(
      async () => {
        const state = parseStat(await readFile(`/proc/${pid}/stat`, "utf8"))?.state ?? "gone";
        return state === "Z" ? { done: true, value: undefined } : { done: false, reason: `state ${state}` };
      },
      { what: "zombie", deadline: "10 s", every: "10 ms" },
    );
    expect(isAlive(processIdentity(pid))).toBe(false);
    parent.kill("SIGKILL");
    await once(parent, "exit");
  });
});

describe("a line of /proc/PID/stat", () => {
  it("may hold a command name with spaces and parentheses", () => {
    const line = `7 (a) b (c) S 3 ${Array.from({ length: 17 }, () => "0").join(" ")} 999 1 2`;
    expect(parseStat(line)).toEqual({ state: "S", parent: 3, startTicks: 999 });
  });

  it.each(["", "garbage", "7 (a) S 3"])("is not %j", (line) => {
    expect(parseStat(line)).toBeUndefined();
  });
});
