import { afterEach, describe, expect, it } from "vitest";
import { parseHierarchies } from "../../machine/cgroup.ts";
import { assertUsableFolder, machineLayout } from "../../machine/layout.ts";
import { mountsBelow } from "../../machine/mounts.ts";
import { nspawnArguments } from "../../machine/nspawn.ts";
import { parsePidFile } from "../../machine/power.ts";

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
  const boot = "6b2f0c1e-7d3a-4f55-9c1b-2a1d0e9f8c77";

  it("names the loop and the machine", () => {
    const found = parsePidFile(`${boot} 10 100 11 101\n`);
    expect(found?.loop).toEqual({ pid: 10, startTicks: 100, bootId: boot });
    expect(found?.nspawn).toEqual({ pid: 11, startTicks: 101, bootId: boot });
  });

  it.each(["", "123", "x 1 2 3 4", `${"0".repeat(36)} 1 2 3`])("that reads %j names nobody", (text) => {
    expect(parsePidFile(text)).toBeUndefined();
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
