import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { parseHierarchies } from "../../machine/cgroup.ts";
import { assertUsableFolder, machineLayout } from "../../machine/layout.ts";
import { withLock } from "../../machine/lock.ts";
import { mountsBelow } from "../../machine/mounts.ts";
import { nspawnArguments } from "../../machine/nspawn.ts";
import { parsePidFile } from "../../machine/power.ts";
import { hostBootId, isAlive, parseStat } from "../../machine/process.ts";

const home = process.env.RECIPE_CI_HOME;

afterEach(() => {
  if (home === undefined) delete process.env.RECIPE_CI_HOME;
  else process.env.RECIPE_CI_HOME = home;
});

describe("a machine's folder", () => {
  it("gives an id that fits a link, another one in another home", () => {
    process.env.RECIPE_CI_HOME = "/one";
    const { id, socket } = machineLayout("local");
    expect(socket).toBe("/one/machines/local/run/docker.sock");
    expect(id.length).toBeLessThanOrEqual(15);
    process.env.RECIPE_CI_HOME = "/two";
    expect(machineLayout("local").id).not.toBe(id);
  });

  it.each(["", "..", "a/b", "Local", "-a", "a-", "a".repeat(33)])("is refused for the name %j", (name) => {
    expect(() => machineLayout(name)).toThrow("not a machine name");
  });

  it("is refused when its socket's path has more than 107 bytes", () => {
    const room = 107 - "/machines/a/run/docker.sock".length;
    process.env.RECIPE_CI_HOME = `/${"x".repeat(room - 1)}`;
    expect(() => assertUsableFolder(machineLayout("a"))).not.toThrow();
    process.env.RECIPE_CI_HOME = `/${"x".repeat(room)}`;
    expect(() => assertUsableFolder(machineLayout("a"))).toThrow("108 bytes are too long");
  });

  it.each([",", ":", " ", "\\"])("is refused when its path holds %j, which mount options split at", (character) => {
    process.env.RECIPE_CI_HOME = `/a${character}b`;
    expect(() => assertUsableFolder(machineLayout("a"))).toThrow("may not hold");
  });
});

describe("systemd-nspawn's arguments", () => {
  process.env.RECIPE_CI_HOME = "/h";
  const layout = machineLayout("local");
  const binds = [{ source: "/m", target: "/var/lib/docker-registry" }];

  it("bind Docker's folders and the given ones", () => {
    const args = nspawnArguments(layout, binds, "local", false);
    expect(args.filter((text) => text.startsWith("--bind"))).toEqual([
      "--bind=/h/machines/local/docker:/var/lib/docker",
      "--bind=/h/machines/local/containerd:/var/lib/containerd",
      "--bind=/m:/var/lib/docker-registry",
    ]);
    expect(args).toContain(`--network-namespace-path=/run/netns/${layout.id}`);
    expect(args).toContain("--hostname=local");
  });

  it("allow version 1 cgroups only on a host that has them", () => {
    const force = "SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1";
    expect(nspawnArguments(layout, binds, "local", true).at(-1)).toBe(force);
    expect(nspawnArguments(layout, binds, "local", false)).not.toContain(force);
  });
});

describe("a pid file", () => {
  const boot = hostBootId();
  const own = parseStat(readFileSync(`/proc/${process.pid}/stat`, "utf8"));

  it("names the loop and the machine", () => {
    const found = parsePidFile(`${boot} 10 100 11 101\n`);
    expect(found?.loop).toEqual({ pid: 10, startTicks: "100", bootId: boot });
    expect(found?.nspawn).toEqual({ pid: 11, startTicks: "101", bootId: boot });
  });

  it.each(["", "123", "x 1 2 3 4", `${"0".repeat(36)} 1 2 3`])("that reads %j names nobody", (text) => {
    expect(parsePidFile(text)).toBeUndefined();
  });

  it("is stale when the pid belongs to a process started at another time, or in another boot", () => {
    const startTicks = own?.startTicks ?? "";
    expect(isAlive({ pid: process.pid, startTicks, bootId: boot })).toBe(true);
    expect(isAlive({ pid: process.pid, startTicks: `${startTicks}1`, bootId: boot })).toBe(false);
    expect(isAlive({ pid: process.pid, startTicks, bootId: "another" })).toBe(false);
  });

  it("is stale when the process has ended", async () => {
    const child = spawn("sleep", ["30"]);
    await once(child, "spawn");
    const startTicks = parseStat(readFileSync(`/proc/${child.pid}/stat`, "utf8"))?.startTicks ?? "";
    const identity = { pid: child.pid ?? 0, startTicks, bootId: boot };
    expect(isAlive(identity)).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isAlive(identity)).toBe(false);
  });

  it("reads a command name with spaces and parentheses", () => {
    const line = `7 (a) b (c) S 3 ${Array.from({ length: 17 }, () => "0").join(" ")} 999 1 2`;
    expect(parseStat(line)).toEqual({ state: "S", parent: 3, startTicks: "999" });
    expect(parseStat("garbage")).toBeUndefined();
  });
});

describe("the host's mounts", () => {
  it("give cgroup hierarchies of both versions", () => {
    const text = [
      "cgroup /sys/fs/cgroup/cpuset cgroup rw,relatime,cpuset 0 0",
      "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0",
      "tmpfs /sys/fs/cgroup tmpfs rw 0 0",
      "",
    ].join("\n");
    expect(parseHierarchies(text)).toEqual([
      { path: "/sys/fs/cgroup/cpuset", version: 1, options: ["rw", "relatime", "cpuset"] },
      { path: "/sys/fs/cgroup/unified", version: 2, options: ["rw"] },
    ]);
  });

  it("at or below a folder are found, those of a neighbour with a longer name are not", () => {
    const line = (point: string) => `36 25 0:32 / ${point} rw - overlay overlay rw`;
    const text = ["/m/a/root", "/m/ab/root", "/m/a", "/m/a/with\\040space"].map(line).join("\n");
    expect(mountsBelow(text, "/m/a")).toEqual(["/m/a/root", "/m/a", "/m/a/with space"]);
  });
});

describe("a lock", () => {
  it("keeps a second holder waiting until the first is done", async () => {
    const order: string[] = [];
    const name = `test ${process.pid}`;
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const first = withLock(name, async () => {
      order.push("first in");
      await held;
      order.push("first out");
    });
    const second = withLock(name, async () => void order.push("second in"));
    release();
    await Promise.all([first, second]);
    expect(order).toEqual(["first in", "first out", "second in"]);
  });

  it("is given up with a remedy when its holder never is done", async () => {
    const name = `test stuck ${process.pid}`;
    await withLock(name, async () => {
      await expect(withLock(name, async () => undefined, { deadline: "100 ms" })).rejects.toMatchObject({
        name: "InfraError",
        remedy: expect.any(String),
      });
    });
  });

  it("is free again after its work failed", async () => {
    const name = `test failed ${process.pid}`;
    const failing = withLock(name, async () => {
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await withLock(name, async () => "in")).toBe("in");
  });
});
