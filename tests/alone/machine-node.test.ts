import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ExecResult, exec, run } from "../../lib/exec.ts";
import { home } from "../../lib/home.ts";
import { hostBootId, processIdentity } from "../../lib/process-identity.ts";
import { projectPath } from "../../lib/project.ts";
import { signalPid } from "../../lib/signal.ts";
import { until } from "../../lib/until.ts";
import { removeCgroups } from "../../machine/cgroup.ts";
import { findDockerCli } from "../../machine/docker-cli.ts";
import { machineLayout } from "../../machine/layout.ts";
import { destroyMachine, ensureMachine, machineLeftovers, readSpec } from "../../machine/machine.ts";
import { attachmentLeftovers, detach } from "../../machine/network/attachment.ts";
import { isForwarding } from "../../machine/network/forwarding.ts";
import { bridgeName, networkDown } from "../../machine/network/network.ts";
import { ensureMachineRunning, type LocalNode, nodeMachineUp, nodeSwarmUp } from "../../machine/node.ts";
import { leaderPid, powerOff, type Supervision, supervision } from "../../machine/power.ts";
import { unmountBelow } from "../../machine/remove-tree.ts";
import { NODE_ROOTFS } from "../../machine/rootfs/node-rootfs.ts";
import { PULL_CACHE_PORT } from "../../machine/rootfs/pull-cache.ts";
import { rootfsKey } from "../../machine/rootfs/rootfs.ts";
import { hostInventory } from "./machine-host.ts";

/** Built once for all tests and runs of this host. */
const rootfsCache = home("rootfs");
/** A registry in the machine itself, which its cache asks. */
const UPSTREAM = "127.0.0.1:5002";
const UPSTREAM_CONFIG = `version: 0.1\nstorage: {filesystem: {rootdirectory: /srv/upstream}}\nhttp: {addr: ${UPSTREAM}}\n`;
const options = { name: "proof", memoryMiB: 2048, cpus: 2, rootfsCache, cacheOf: `http://${UPSTREAM}` };
const silent = () => undefined;

let before: string[];
let node: LocalNode;

/** `docker` on the machine's engine, by the CLI of the machine's own root file system. */
async function docker(...args: string[]): Promise<string> {
  const cli = await findDockerCli(rootfsCache, "no-docker-on-this-host");
  return (await exec([...cli, "-H", node.socket, ...args])).trim();
}

/** An image of one file, under a name. */
async function importImage(name: string): Promise<void> {
  const cli = await findDockerCli(rootfsCache, "no-docker-on-this-host");
  const tar = await run(["tar", "-c", "-C", projectPath("machine"), "supervise.sh"]);
  await exec([...cli, "-H", node.socket, "import", "-", name], { input: tar.stdout });
}

async function whoRuns(): Promise<Supervision> {
  const found = await supervision(machineLayout(options.name));
  if (!found) throw new Error("the machine is off");
  return found;
}

async function leader(): Promise<number> {
  const pid = await leaderPid(await whoRuns());
  if (!pid) throw new Error("the machine has no init");
  return pid;
}

/** Kills the machine's init and waits until that has taken the rest with it. */
async function killInit(): Promise<void> {
  signalPid(await leader(), "SIGKILL");
  await until(
    async () => {
      const running = await supervision(machineLayout(options.name));
      return running ? { done: false, reason: "it still runs" } : { done: true, value: undefined };
    },
    { what: "machine dead", deadline: "10 s", every: "10 ms" },
  );
}

function step(name: string, env: NodeJS.ProcessEnv = {}): Promise<ExecResult> {
  const argv = [projectPath("machine/main.ts"), `--rootfs-cache=${rootfsCache}`, "--name=proof", name];
  return run([process.execPath, ...argv], { env: { ...process.env, ...env } });
}

beforeAll(async () => {
  await mkdir(home("tests"), { recursive: true });
  process.env.RECIPE_CI_HOME = await mkdtemp(join(home("tests"), "machine-"));
  before = await hostInventory();
  await nodeMachineUp(options, silent);
  node = await nodeSwarmUp(options.name);
});

afterAll(async () => {
  await destroyMachine(options.name);
  await networkDown();
  await rm(home(), { recursive: true });
});

describe("a local node", () => {
  it("is a Swarm manager with the network proxy, reached by a socket on the host", async () => {
    expect(await docker("info", "--format", "{{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}}")).toBe(
      "active true",
    );
    expect(await docker("network", "inspect", "proxy", "--format", "{{.Driver}} {{.Attachable}}")).toBe("overlay true");
    expect(node.engineVersion).toMatch(/^26\.1/);
  });

  it("says in node labels what its kernel can do, and where its engine is", async () => {
    const labels = JSON.parse(await docker("node", "inspect", "self", "--format", "{{json .Spec.Labels}}"));
    const able = Object.entries(node.capabilities).map(([key, on]) => [`recipe-ci.capability.${key}`, `${on}`]);
    expect(labels).toEqual({ ...Object.fromEntries(able), "recipe-ci.engine": node.socket });
  });

  it("changes nothing when brought up again", async () => {
    const running = await whoRuns();
    await nodeMachineUp(options, silent);
    expect(await nodeSwarmUp(options.name)).toEqual(node);
    expect(await whoRuns()).toEqual(running);
  });

  it("gets another memory limit without a restart", async () => {
    const running = await whoRuns();
    await nodeMachineUp({ ...options, memoryMiB: 3072 }, silent);
    expect(await whoRuns()).toEqual(running);
    const { id } = machineLayout(options.name);
    const found = await run(["sh", "-c", 'cat /sys/fs/cgroup/memory/recipe-ci/"$1"/memory.limit_in_bytes', "sh", id]);
    const version2 = await run(["sh", "-c", 'cat /sys/fs/cgroup/recipe-ci/"$1"/memory.max', "sh", id]);
    expect([found.stdout.trim(), version2.stdout.trim()]).toContain(String(3072 * 1024 * 1024));
    await nodeMachineUp(options, silent);
  });

  it("pulls from its mirror under the upstream name, and forgets an image that was deleted there", async () => {
    expect((await fetch(`${node.mirror}/v2/`)).status).toBe(200);
    const pushed = `${node.address}:5000/library/mirrored:1`;
    await importImage(pushed);
    await docker("push", "--quiet", pushed);
    await docker("rmi", pushed);
    await docker("pull", "--quiet", "mirrored:1");
    expect(await docker("images", "--format", "{{.Repository}}:{{.Tag}}")).toContain("mirrored:1");
    const accept = { accept: "application/vnd.docker.distribution.manifest.v2+json" };
    const digest = (await fetch(`${node.mirror}/v2/library/mirrored/manifests/1`, { headers: accept })).headers.get(
      "docker-content-digest",
    );
    const removed = await fetch(`${node.mirror}/v2/library/mirrored/manifests/${digest}`, { method: "DELETE" });
    expect(removed.status).toBe(202);
    expect((await fetch(`${node.mirror}/v2/library/mirrored/manifests/1`)).status).toBe(404);
  });

  it("pulls by its cache, which needs what it asks no more once it has it", async () => {
    const inside = await leader();
    const onNode = (...command: string[]) => exec(["nsenter", "-t", String(inside), "-a", ...command]);
    const upstream = join(machineLayout(options.name).root, "etc/upstream.yml");
    await writeFile(upstream, UPSTREAM_CONFIG);
    await onNode("systemd-run", "--quiet", "--unit=upstream", "docker-registry", "serve", "/etc/upstream.yml");
    const pushed = `${UPSTREAM}/library/kept:1`;
    await importImage(pushed);
    await expect.poll(() => docker("push", "--quiet", pushed), { timeout: 30_000 }).toContain("kept:1");
    await docker("rmi", pushed);
    // It ended while nobody answered, and looks again after half a minute.
    await onNode("systemctl", "restart", "pull-cache");
    await expect.poll(() => docker("pull", "--quiet", "kept:1"), { timeout: 60_000 }).toContain("kept:1");
    await docker("rmi", "kept:1");
    await onNode("systemctl", "stop", "upstream");
    await docker("pull", "--quiet", "kept:1");
    // A container can read there what is public anyway, and change nothing.
    const uploads = `http://${node.address}:${PULL_CACHE_PORT}/v2/library/kept/blobs/uploads/`;
    expect((await fetch(uploads, { method: "POST" })).status).toBe(405);
    await docker("rmi", "kept:1");
  });

  it("runs containers within the limits they ask for, and keeps them from the mirror", async () => {
    const cli = await findDockerCli(rootfsCache, "no-docker-on-this-host");
    const rootfs = join(rootfsCache, rootfsKey(NODE_ROOTFS));
    const bash = home("bash.tar");
    const shell =
      'tar -C "$1" -cf "$2" bin lib lib64 usr/bin/bash usr/lib64 $(cd "$1" && ls -d usr/lib/*/lib{c,tinfo}.so.6* usr/lib/*/ld-*)';
    await exec(["bash", "-c", shell, "bash", rootfs, bash]);
    await exec([...cli, "-H", node.socket, "import", bash, "bash:1"]);
    const read =
      "for f in /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max; do [ -e $f ] && read -r n < $f && echo $n; done";
    const limit = await docker("run", "--rm", "--memory=64m", "bash:1", "/bin/bash", "-c", `${read}; true`);
    expect(limit).toBe(node.capabilities.memory ? String(64 * 1024 * 1024) : limit);
    const connect = (port: number) =>
      docker("run", "--rm", "bash:1", "/bin/bash", "-c", `echo > /dev/tcp/${node.address}/${port}`);
    await expect(connect(5000)).rejects.toThrow("refused");
    // The Swarm's own port shows that the address is reached.
    expect(await connect(2377)).toBe("");
  });

  it("reaches the outside through the host's name servers", async () => {
    const source = await run(["nsenter", "-t", String(await leader()), "-m", "cat", "/etc/resolv.conf"]);
    expect(source.stdout).toContain("nameserver");
    const ping = await run([
      "ip",
      "netns",
      "exec",
      machineLayout(options.name).id,
      "ip",
      "route",
      "get",
      "192.0.2.250",
    ]);
    expect(ping.stdout).toContain("via");
  });
});

describe("a local node is healed by ensureMachineRunning", () => {
  it("after somebody has switched the host's forwarding off, without a restart", async () => {
    const running = await whoRuns();
    await writeFile("/proc/sys/net/ipv4/ip_forward", "0");
    expect(await ensureMachineRunning(options.name)).toEqual(node);
    expect(await isForwarding()).toBe(true);
    expect(await whoRuns()).toEqual(running);
  });

  it("after its init was killed", async () => {
    await killInit();
    expect(await ensureMachineRunning(options.name)).toEqual(node);
    expect(await docker("network", "ls", "--format", "{{.Name}}")).toContain("proxy");
  });

  it("after systemd-nspawn and its loop were killed", async () => {
    const { loop, nspawn } = await whoRuns();
    signalPid(loop.pid, "SIGKILL");
    signalPid(nspawn.pid, "SIGKILL");
    expect(await ensureMachineRunning(options.name)).toEqual(node);
  });

  it("after a crash left a pid file that now names a stranger, who stays unharmed", async () => {
    const layout = machineLayout(options.name);
    await powerOff(layout, "hard");
    const stranger = spawn("sleep", ["60"]);
    await once(stranger, "spawn");
    const pid = stranger.pid ?? 0;
    const start = processIdentity(pid).startTicks;
    await writeFile(layout.pid, `${hostBootId()} ${pid} ${start}0 ${pid} ${start}0\n`);
    expect(await ensureMachineRunning(options.name)).toEqual(node);
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    stranger.kill();
  });

  it("after everything outside its folder was lost, as by a reboot of the host", async () => {
    const layout = machineLayout(options.name);
    await powerOff(layout, "hard");
    await detach(layout.id);
    // Where /run is no tmpfs, the file of a network namespace outlives the namespace.
    await writeFile(`/run/netns/${layout.id}`, "");
    const { dev, ino } = await stat(layout.root);
    await rm(`/run/systemd/nspawn/locks/inode-${dev}:${ino}`);
    await unmountBelow(layout.folder);
    await removeCgroups(layout.id);
    await exec(["ip", "link", "del", bridgeName()]);
    await writeFile(layout.pid, `${"0".repeat(8)}-0000-0000-0000-${"0".repeat(12)} 1 1 1 1\n`);
    expect(await ensureMachineRunning(options.name)).toEqual(node);
  });

  it("while two callers ask at once", async () => {
    await killInit();
    const both = await Promise.all([ensureMachineRunning(options.name), ensureMachineRunning(options.name)]);
    expect(both).toEqual([node, node]);
  });

  it("not when it was never made", async () => {
    await expect(ensureMachineRunning("nobody")).rejects.toMatchObject({
      name: "InfraError",
      remedy: expect.any(String),
    });
  });
});

describe("a local node restarts itself", () => {
  it("when it reboots from inside", async () => {
    const { loop, nspawn } = await whoRuns();
    await exec(["nsenter", "-t", String(await leader()), "-a", "systemctl", "reboot"]);
    const again = await until(
      async () => {
        const now = await supervision(machineLayout(options.name));
        return now && now.nspawn.pid !== nspawn.pid
          ? { done: true, value: now }
          : { done: false, reason: now ? "still the old one" : "off" };
      },
      { what: "rebooted", deadline: "60 s" },
    );
    expect(again.loop).toEqual(loop);
    expect(await ensureMachineRunning(options.name)).toEqual(node);
  });
});

describe("a step of machine/main.ts", () => {
  it("fails on a full disk, naming the folder and the bytes free", async () => {
    const small = home("small");
    await mkdir(small);
    await exec(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", small]);
    try {
      const { code, stderr } = await step("machine up", { RECIPE_CI_HOME: small });
      expect(code).toBe(3);
      expect(stderr).toContain(`${small}/machines/proof: `);
      expect(stderr).toMatch(/\(\d+ bytes\) free/);
      expect((await step("machine down", { RECIPE_CI_HOME: small })).code).toBe(0);
      expect((await step("network down", { RECIPE_CI_HOME: small })).code).toBe(0);
    } finally {
      await exec(["umount", small]);
    }
  });

  it("answers wrong use with exit code 2 and no stack trace", async () => {
    const { code, stderr } = await step("machine sideways");
    expect(code).toBe(2);
    expect(stderr).toContain("not a step");
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe("destroying", () => {
  it("is refused for the network while a machine is on it", async () => {
    await expect(networkDown()).rejects.toThrow("still carries");
  });

  it("removes a machine that was interrupted at any point of its making", async () => {
    for (const delay of [250, 450, 900]) {
      const name = `half-${delay}`;
      const argv = [projectPath("machine/main.ts"), `--rootfs-cache=${rootfsCache}`, `--name=${name}`, "machine up"];
      const child = spawn(process.execPath, argv, { stdio: "ignore" });
      const ended = once(child, "exit");
      setTimeout(() => child.kill("SIGKILL"), delay);
      await ended;
      await destroyMachine(name);
      expect(await machineLeftovers(name)).toEqual([]);
    }
  });

  it("is what another root file system takes: the machine is made anew, empty", async () => {
    const spec = await readSpec(options.name);
    if (!spec) throw new Error("no machine");
    expect(await docker("images", "--quiet")).not.toBe("");
    await ensureMachine({ ...spec, rootfs: { ...spec.rootfs, key: "another" } }, silent);
    await nodeMachineUp(options, silent);
    expect(await docker("images", "--quiet")).toBe("");
    expect(await docker("info", "--format", "{{.Swarm.LocalNodeState}}")).toBe("inactive");
  });

  it("leaves the host as it was", async () => {
    const { id } = machineLayout(options.name);
    expect((await hostInventory()).length).toBeGreaterThan(before.length);
    await destroyMachine(options.name);
    await networkDown();
    expect(await attachmentLeftovers(id)).toEqual([]);
    expect(await hostInventory()).toEqual(before);
    await destroyMachine(options.name);
    await networkDown();
  });
});
