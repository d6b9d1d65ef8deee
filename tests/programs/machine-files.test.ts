import { mkdir, mkdtemp, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { commandOptions } from "../../components/local-node.ts";
import { builtDockerCli } from "../../lib/home.ts";
import { capabilityLabels } from "../../machine/capabilities.ts";
import { ensureSpace } from "../../machine/disk-space.ts";
import { findDockerCli, lacksDockerCli, parseMajorVersion } from "../../machine/docker-cli.ts";
import { existingSocket } from "../../machine/existing-engine.ts";
import { debianMirror, parseMirror } from "../../machine/rootfs/apt-source.ts";
import { daemonConfig, NODE_ROOTFS, nodeSeed } from "../../machine/rootfs/node-rootfs.ts";
import { mmdebstrapArguments, rootfsKey, writeRootfsFile } from "../../machine/rootfs/rootfs.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "machine-files-"));
});

afterEach(() => rm(folder, { recursive: true }));

describe("a root file system", () => {
  it("has another key when a package, a file or a masked unit changes", () => {
    const key = rootfsKey(NODE_ROOTFS);
    expect(key).toMatch(/^trixie-[0-9a-f]{12}$/);
    expect(rootfsKey({ ...NODE_ROOTFS })).toBe(key);
    expect(rootfsKey({ ...NODE_ROOTFS, packages: [...NODE_ROOTFS.packages, "sl"] })).not.toBe(key);
    expect(rootfsKey({ ...NODE_ROOTFS, files: {} })).not.toBe(key);
    expect(rootfsKey({ ...NODE_ROOTFS, maskedUnits: [] })).not.toBe(key);
  });

  it("is built from one mirror with the host's own way through a proxy", () => {
    const proxy = 'Acquire::http::Proxy "http://proxy:3128";';
    const args = mmdebstrapArguments(NODE_ROOTFS, "/target", "http://mirror/debian", [proxy]);
    expect(args).toContain(`--aptopt=${proxy}`);
    expect(args.slice(-3)).toEqual(["trixie", "/target", "deb http://mirror/debian trixie main"]);
  });

  it("gets a file of its own where a package left a link to elsewhere", async () => {
    const outside = join(folder, "outside");
    await writeFile(outside, "mine");
    await symlink(outside, join(folder, "resolv.conf"));
    await writeRootfsFile(folder, "/resolv.conf", { text: "new" });
    expect(await readFile(join(folder, "resolv.conf"), "utf8")).toBe("new");
    expect(await readFile(outside, "utf8")).toBe("mine");
    await writeRootfsFile(folder, "/deep/er/unit", { symlinkTo: "/dev/null" });
    expect(await readlink(join(folder, "deep/er/unit"))).toBe("/dev/null");
  });
});

describe("the Debian mirror", () => {
  it("is read from one-line sources, past other vendors' lines", () => {
    const text = [
      "# deb http://commented.example/debian bookworm main",
      "deb https://vendor.example/apt stable-vendor main",
      "deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian bookworm main contrib",
    ].join("\n");
    expect(parseMirror(text)).toBe("http://mirror.example/debian");
  });

  it("is read from a deb822 stanza, past disabled ones and suites that are not Debian's", () => {
    const text = [
      "Types: deb\nURIs: http://security.example/debian-security\nSuites: bookworm-security",
      "Types: deb\nEnabled: no\nURIs: http://off.example/debian\nSuites: bookworm",
      "Types: deb\n# a comment\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates",
    ].join("\n\n");
    expect(parseMirror(text)).toBe("http://mirror.example/debian");
  });

  it("falls back to the default on a host without Debian sources", async () => {
    expect(parseMirror("deb http://archive.example/ubuntu noble main")).toBeUndefined();
    expect(await debianMirror(folder)).toMatch(/^http:\/\/.*\/debian$/);
  });
});

describe("a node's seed", () => {
  const machine = { name: "local", address: "10.78.0.11", entry: "10.78.0.11", nameservers: "nameserver 192.0.2.1\n" };
  const seed = nodeSeed(machine);

  it("makes dockerd ask the mirror on loopback, and trust it by its address too", () => {
    expect(JSON.parse(daemonConfig(machine))).toMatchObject({
      "registry-mirrors": ["http://127.0.0.1:5000"],
      "insecure-registries": ["127.0.0.1:5000", "10.78.0.11:5000"],
    });
  });

  it("has a cache on its first machine, which all its machines ask after their mirror", () => {
    const cached = { ...machine, cacheOf: "https://mirror.example.org" };
    const unit = "/etc/systemd/system/pull-cache.service";
    expect(seed[unit]).toEqual({ symlinkTo: "/dev/null" });
    expect(nodeSeed(cached)[unit]).toMatchObject({ text: expect.stringContaining("pull-cache.yml") });
    const worker = { ...cached, address: "10.78.0.12" };
    expect(nodeSeed(worker)[unit]).toEqual({ symlinkTo: "/dev/null" });
    const mirrors = ["http://127.0.0.1:5000", "http://10.78.0.11:65001"];
    for (const one of [cached, worker])
      expect(JSON.parse(daemonConfig(one))).toMatchObject({ "registry-mirrors": mirrors });
  });

  it.each([
    ["the machine's own, in their order", "nameserver 192.0.2.1\nnameserver 192.0.2.2\n", ["192.0.2.1", "192.0.2.2"]],
    [
      "three in all, as Docker reads no more",
      "nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n",
      ["192.0.2.1", "192.0.2.2"],
    ],
    ["none on loopback, which is the container's own", "nameserver 127.0.0.53\nnameserver 192.0.2.1", ["192.0.2.1"]],
    ["none by IPv6, which a machine has not", "nameserver 2001:db8::1\nnameserver fe80::1%eth0\n", []],
    ["none where the host has none", "search lan\n# nameserver 192.0.2.1\n", []],
  ])("gives containers the server of the node's names before %s", (_, nameservers, others) => {
    expect(JSON.parse(daemonConfig({ ...machine, nameservers }))).toMatchObject({ dns: ["192.0.2.53", ...others] });
  });

  it("leads names below the base domain to the machine with Traefik, and refuses all others", () => {
    const worker = nodeSeed({ ...machine, address: "10.78.0.12", baseDomain: "ci.example.org" });
    const lines = (file: object | undefined) => (file as { text: string }).text.split("\n");
    expect(lines(worker["/etc/dnsmasq.conf"])).toEqual(
      expect.arrayContaining(["no-resolv", "address=/ci.example.org/10.78.0.11", "local=/ci.example.org/"]),
    );
    // A recipe may publish it.
    expect(lines(worker["/etc/dnsmasq.conf"])).not.toContain("port=53");
    expect(lines(seed["/etc/dnsmasq.conf"]).filter((line) => /^(?:address|local|server)/.test(line))).toEqual([]);
  });

  it("names the machine and its name servers", () => {
    expect(seed["/etc/hostname"]).toEqual({ text: "local\n" });
    expect(seed["/etc/resolv.conf"]).toEqual({ text: "nameserver 192.0.2.1\n" });
    expect(seed["/etc/hosts"]).toMatchObject({ text: expect.stringContaining("10.78.0.11 local") });
  });

  it("labels the Swarm node with every capability, the missing ones too", () => {
    expect(capabilityLabels({ ipvs: false, memory: true, cpu: true, pids: true })).toEqual({
      "recipe-ci.capability.ipvs": "false",
      "recipe-ci.capability.memory": "true",
      "recipe-ci.capability.cpu": "true",
      "recipe-ci.capability.pids": "true",
    });
  });
});

describe("a full disk", () => {
  it("is an error that names the folder and the bytes free", async () => {
    await expect(ensureSpace(folder, 1)).resolves.toBeUndefined();
    await expect(ensureSpace(folder, 2 ** 40)).rejects.toThrow(new RegExp(`^${folder}: .* bytes\\) free`));
  });
});

describe("the Docker CLI", () => {
  beforeEach(() => vi.stubEnv("RECIPE_CI_HOME", folder));
  afterEach(() => vi.unstubAllEnvs());

  const hostCli = async (version: string) => {
    const cli = join(folder, `docker-${version}`);
    await writeFile(cli, `#!/bin/sh\necho asked >> $0.log\necho Docker version ${version}, build abc\n`, {
      mode: 0o755,
    });
    return cli;
  };

  it("is known by its version", () => {
    expect(parseMajorVersion("Docker version 20.10.24+dfsg1, build 297e128\n")).toBe(20);
    expect(parseMajorVersion("podman version 4.3.1")).toBeUndefined();
  });

  it("is the host's from version 28 on, else one built here, else the host's from 25 on", async () => {
    const built = builtDockerCli();
    await mkdir(dirname(built), { recursive: true });
    const old = await hostCli("26.1.5");
    expect(await findDockerCli(folder, old)).toEqual([old]);
    await writeFile(built, "");
    expect(await findDockerCli(folder, old)).toEqual([built]);
    const full = await hostCli("28.1.0");
    expect(await findDockerCli(folder, full)).toEqual([full]);
  });

  it("of the host is asked for its version once, whether one has to be built and which one it is", async () => {
    const cli = await hostCli("28.2.1");
    expect(await lacksDockerCli(cli)).toBe(false);
    expect(await findDockerCli(folder, cli)).toEqual([cli]);
    expect(await readFile(`${cli}.log`, "utf8")).toBe("asked\n");
    expect(await lacksDockerCli(await hostCli("27.5.1"))).toBe(true);
  });

  it("is missing with a remedy where the host's is too old and no root file system is cached", async () => {
    const cli = await hostCli("20.10.24");
    await expect(findDockerCli(folder, cli)).rejects.toMatchObject({
      name: "InfraError",
      message: expect.stringContaining("version 20"),
      remedy: expect.any(String),
    });
  });
});

describe("the commands of a node", () => {
  it("carry the options that were given, and leave the others to the default", () => {
    expect(commandOptions({ name: "local", memoryMiB: 4096, cpus: 1.5 })).toEqual([
      "--name=local",
      "--memory=4096",
      "--cpus=1.5",
    ]);
    expect(commandOptions({ baseDomain: "ci.test" })).toEqual(["--base-domain=ci.test"]);
    expect(commandOptions({ rootfsCache: "/a b" })).toEqual(["--rootfs-cache=/a b"]);
    expect(commandOptions({})).toEqual([]);
  });
});

describe("an engine of others", () => {
  it("is found by DOCKER_HOST, and must be on this host", () => {
    expect(existingSocket("unix:///run/user/1000/docker.sock")).toBe("/run/user/1000/docker.sock");
    expect(() => existingSocket("tcp://192.0.2.1:2375")).toThrow("only an engine on this host");
    expect(() => existingSocket("ssh://root@example.org")).toThrow("only an engine on this host");
  });
});
