import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { home } from "../../lib/home.ts";
import { until } from "../../lib/until.ts";
import { machineCgroups } from "../../machine/cgroup.ts";
import { machineLayout } from "../../machine/layout.ts";
import { newSshKey } from "../../nodes/hetzner/ssh-keys.ts";
import { ensurePulumi } from "../../pulumi/locate.ts";
import { COMMON_PLUGINS } from "../../pulumi/versions.ts";
import { hostInventory } from "../alone/machine-host.ts";
import { TestProject } from "../live/pulumi-project.ts";
import { ask } from "./api-client.ts";
import type { Emulator } from "./emulator/emulator.ts";
import type { Project } from "./emulator/project.ts";
import { writeExample } from "./example-project.ts";
import { type LookAlike, startLookAlike } from "./look-alike.ts";
import { machineName } from "./machines/cloud-machine.ts";
import { loopDevices } from "./machines/disks.ts";
import { bridgePrefix } from "./machines/private-network.ts";
import type { RealMachines } from "./machines/real-machines.ts";
import { leftovers } from "./machines/sweep.ts";
import { type RemoteResult, remote } from "./ssh.ts";

const key = newSshKey();
const hostKey = newSshKey();
const USER_DATA = `#cloud-config
ssh_keys:
  ed25519_private: ${JSON.stringify(hostKey.private)}
  ed25519_public: ${JSON.stringify(hostKey.public)}
write_files:
  - path: /etc/told
    content: by user data
`;

let lookAlike: LookAlike;
let machines: RealMachines;
let emulator: Emulator;
let project: Project;
let pulumi: TestProject;

/** The server with a name, as the API shows it. */
async function server(name: string) {
  return (await ask(emulator, `GET /servers?name=${name}`)).body.servers[0];
}

/** Runs a command on a server that shows the host key of the user data. */
async function on(name: string, command: string): Promise<RemoteResult> {
  const host = (await server(name)).public_net.ipv4.ip;
  return remote({ host, privateKey: key.private, hostKey: hostKey.public }, command);
}

/** Asks the API for an action on a server and waits for its end. */
async function act(name: string, action: string, options?: object): Promise<void> {
  await finished(`POST /servers/${(await server(name)).id}/actions/${action}`, options);
}

async function finished(request: string, options?: object): Promise<void> {
  const { status, body } = await ask(emulator, request, options);
  expect([status, body.error]).toEqual([201, undefined]);
  await project.actions.settled();
  expect((await ask(emulator, `GET /actions/${body.action.id}`)).body.action.error).toBeNull();
}

/** Bytes of memory that the host allows a server. */
async function memoryLimits(name: string): Promise<number[]> {
  const { id } = machineLayout(machineName((await server(name)).id));
  const folders = await machineCgroups(id);
  const files = folders.flatMap((folder) => ["memory.limit_in_bytes", "memory.max"].map((file) => join(folder, file)));
  const limits = await Promise.all(files.map((file) => readFile(file, "utf8").catch(() => "")));
  return limits.filter((limit) => limit !== "").map(Number);
}

beforeAll(async () => {
  await ensurePulumi({ onProgress: () => undefined, plugins: [...COMMON_PLUGINS, "hcloud"] });
  lookAlike = await startLookAlike();
  ({ machines, emulator, project } = lookAlike);
  pulumi = await TestProject.create("");
  await writeExample(pulumi, emulator, key.public, { userData: USER_DATA });
  await pulumi.succeed("up", "--yes", "--skip-preview");
});

afterAll(async () => {
  await pulumi?.[Symbol.asyncDispose]();
  await lookAlike?.[Symbol.asyncDispose]();
});

/** Everything on the host that bears the name of one of these servers, or of what they share. */
async function ofOurs(ids: readonly string[]): Promise<string[]> {
  const names = [home(), machines.network.bridge, bridgePrefix(), ...ids];
  return (await hostInventory()).filter((line) => names.some((name) => line.includes(name)));
}

/** They are the tests' own. What a node has of them is tried with every change in node and node-user-data. */
describe.runIf(process.env.RECIPE_CI_PROOF)("servers of the look-alike", () => {
  it("are what their user data says, and let in who has the key", async () => {
    expect(await on("manager", "cat /etc/told; hostname")).toEqual({ code: 0, output: "by user datamanager\n" });
    const status = await on("manager", "cloud-init status --wait --long; systemctl is-system-running --wait");
    expect(status.output).toMatch(/^status: done$/m);
    expect(status.output).toMatch(/^running$/m);
  });

  it("have Docker, and no more than their type says", async () => {
    const { output } = await on("manager", "docker info --format '{{.Driver}} {{.MemoryLimit}}'");
    expect(output.trim()).toBe("overlay2 true");
    expect(await memoryLimits("manager")).toContain(4 * 2 ** 30);
  });

  it("reach each other in their private network, with packets of 1450 bytes", async () => {
    const interfaces = await on("manager", "ip -4 -brief address show dev enp7s0; cat /sys/class/net/enp7s0/mtu");
    expect(interfaces.output).toMatch(/10\.0\.1\.10\/32/);
    expect(interfaces.output).toMatch(/^1450$/m);
    const ping = (bytes: number) => on("manager", `ping -c 1 -W 2 -M do -s ${bytes - 28} 10.0.1.11`);
    expect((await ping(1450)).code).toBe(0);
    expect((await ping(1451)).code).not.toBe(0);
  });

  it("are behind their firewall, but not in their private network", async () => {
    const listen = "systemd-run --quiet python3 -m http.server --directory /etc/cloud";
    for (const port of [80, 8080]) expect((await on("manager", `${listen} ${port}`)).code).toBe(0);
    const { ip } = (await server("manager")).public_net.ipv4;
    const get = async (address: string) => (await on("worker", `curl -s -o /dev/null -m 3 ${address}`)).code;
    const answers = (address: string) =>
      until(
        async () => {
          const code = await get(address);
          return code === 0 ? { done: true, value: code } : { done: false, reason: `curl ends with ${code}` };
        },
        { what: `an answer of ${address}`, deadline: "30 s" },
      );
    await answers(`http://${ip}:80/`);
    await answers("http://10.0.1.10:8080/");
    const TIMED_OUT = 28;
    expect(await get(`http://${ip}:8080/`)).toBe(TIMED_OUT);
  });

  it("have a volume that outlives a reboot", async () => {
    const [volume] = (await ask(emulator, "GET /volumes")).body.volumes;
    const mount = `mkdir -p /mnt/data && mount ${volume.linux_device} /mnt/data`;
    expect(await on("manager", `${mount} && echo kept > /mnt/data/file && umount /mnt/data`)).toMatchObject({
      code: 0,
    });
    const started = async () => (await on("manager", "cut -d' ' -f22 /proc/1/stat")).output;
    const startedAnew = (before: string) =>
      until(
        async () => {
          const now = await started();
          return now === before ? { done: false, reason: "it has not ended yet" } : { done: true, value: now };
        },
        { what: "another start", deadline: "60 s" },
      );
    const first = await started();
    await act("manager", "reboot");
    await startedAnew(first);
    expect(await on("manager", `${mount} && cat /mnt/data/file`)).toEqual({ code: 0, output: "kept\n" });
    const second = await started();
    await on("manager", "systemctl reboot");
    await startedAnew(second);
    expect(await on("manager", `${mount} && cat /mnt/data/file`)).toEqual({ code: 0, output: "kept\n" });
    expect((await on("manager", "findmnt --noheadings --output SIZE /mnt/data")).output.trim()).toMatch(/^9\.\d+G$/);
  });

  it("are told of themselves without being asked who they are", async () => {
    const url = "http://169.254.169.254/hetzner/v1";
    expect((await on("worker", `curl -sf ${url}/metadata/hostname`)).output).toBe("worker");
    expect((await on("worker", `curl -sf ${url}/userdata`)).output).toBe(USER_DATA);
  });

  it("go off and on", async () => {
    await act("worker", "poweroff");
    expect((await server("worker")).status).toBe("off");
    await act("worker", "poweron");
    expect((await on("worker", "cat /etc/told")).output).toBe("by user data");
    await act("worker", "shutdown");
    await until(
      async () => {
        const { status } = await server("worker");
        return status === "off" ? { done: true, value: status } : { done: false, reason: status };
      },
      { what: "the worker off", deadline: "60 s" },
    );
  });

  it("are made anew where they were", async () => {
    await act("worker", "poweron");
    await on("worker", "touch /root/mine; rm /etc/told");
    await act("worker", "rebuild", { image: "debian-13" });
    // It lets in before its user data is done.
    await on("worker", "cloud-init status --wait");
    expect((await on("worker", "ls /etc/told")).code).toBe(0);
    expect((await on("worker", "ls /root/mine")).code).not.toBe(0);
    expect((await on("worker", "ping -c 1 -W 2 10.0.1.10")).code).toBe(0);
  });

  it("take another address and another size when they are off", async () => {
    await act("worker", "poweroff");
    const { id, public_net } = await server("worker");
    await finished(`POST /primary_ips/${public_net.ipv4.id}/actions/unassign`);
    const wanted = { name: "other", type: "ipv4", location: "fsn1" };
    const { primary_ip } = (await ask(emulator, "POST /primary_ips", wanted)).body;
    await finished(`POST /primary_ips/${primary_ip.id}/actions/assign`, { assignee_id: id, assignee_type: "server" });
    await act("worker", "change_type", { server_type: "cx33", upgrade_disk: false });
    await act("worker", "poweron");
    expect(primary_ip.ip).not.toBe(public_net.ipv4.ip);
    expect((await on("worker", "ip -4 -brief address show dev eth0")).output).toContain(`${primary_ip.ip}/`);
    expect((await on("worker", "ping -c 1 -W 2 10.0.1.10")).code).toBe(0);
    expect(await memoryLimits("worker")).toContain(8 * 2 ** 30);
    await act("worker", "poweroff");
    await finished(`POST /primary_ips/${primary_ip.id}/actions/unassign`);
    for (const ip of [primary_ip.id, public_net.ipv4.id])
      expect((await ask(emulator, `DELETE /primary_ips/${ip}`)).status).toBe(204);
  });

  it("leave nothing on the host", async () => {
    const ids = project.servers.all().map(({ id }) => machineLayout(machineName(id)).id);
    const kinds = new Set((await ofOurs(ids)).map((line) => line.split(" ")[0]));
    expect(await loopDevices(home("disks"))).toHaveLength(1);
    expect([...kinds]).toEqual(["cgroup", "link", "mount", "network", "propagation", "rule"]);
    await pulumi.succeed("destroy", "--yes", "--skip-preview");
    expect(project.leftovers()).toEqual([]);
    expect(emulator.world.troubles).toEqual([]);
    expect(await leftovers()).toEqual([]);
    await machines[Symbol.asyncDispose]();
    expect(await ofOurs(ids)).toEqual([]);
  });
});
