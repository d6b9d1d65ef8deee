import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../lib/until.ts";
import { OVERLAY_POOL } from "../../nodes/hetzner/address-plan.ts";
import { cloudInit } from "../../nodes/hetzner/cloud-init.ts";
import { newSshKey } from "../../nodes/hetzner/ssh-keys.ts";
import { ask } from "./api-client.ts";
import type { Emulator } from "./emulator/emulator.ts";
import type { Project } from "./emulator/project.ts";
import { type LookAlike, startLookAlike } from "./look-alike.ts";
import { type RemoteResult, remote } from "./ssh.ts";

const key = newSshKey();
const hostKey = newSshKey();
const MIRROR = "http://10.0.1.1:5000";
/** What the cache asks, on its own server. */
const UPSTREAM = "http://127.0.0.1:5001";
const UPSTREAM_CONFIG =
  "version: 0.1\nstorage: {filesystem: {rootdirectory: /srv/upstream}}\nhttp: {addr: 127.0.0.1:5001}\n";
const MEGABYTE = 2 ** 20;
const USER_DATA = "http://169.254.169.254/hetzner/v1/userdata";

/** An image with curl and what it needs, of the node's own files: no registry can be reached. */
const IMAGE = `tar -ch $(ldd /usr/bin/curl | grep -o '/[^ ]*') /usr/bin/curl 2>/dev/null | docker import - probe`;

let lookAlike: LookAlike;
let emulator: Emulator;
let project: Project;
let node: string;
let worker: string;

/** Runs a command on a node, which has the host key that it was given. */
function on(command: string, host = node): Promise<RemoteResult> {
  return remote({ host, privateKey: key.private, hostKey: hostKey.public }, command);
}

async function outputOf(command: string, host = node): Promise<string> {
  const { code, output } = await on(command, host);
  if (code !== 0) throw new Error(`${command}: exit code ${code}\n${output}`);
  return output.trim();
}

/** How curl ends that asks in a container. */
async function inContainer(url: string): Promise<number> {
  return (await on(`docker run --rm probe /usr/bin/curl --silent --max-time 5 --output /dev/null ${url}`)).code;
}

/**
 * Fetches a megabyte from a container of one node in a container of the other, over a new overlay network in which a
 * small answer passes.
 */
async function fetchedOver(network: string): Promise<{ code: number; output: string }> {
  await outputOf(`docker network create --driver overlay --attachable ${network}`);
  await outputOf(`echo small > /srv/small && head -c ${MEGABYTE} /dev/zero > /srv/large`);
  const serve = "/usr/bin/python3 -m http.server --directory /srv 8000";
  const ofNode = "--volume /usr:/usr:ro --volume /srv:/srv:ro";
  await outputOf(`docker run --detach --name ${network} --network ${network} ${ofNode} probe ${serve}`);
  const fetch = (path: string) => {
    const curl = "/usr/bin/curl --silent --max-time 5 --output /dev/null --write-out %{size_download}";
    return on(`docker run --rm --network ${network} probe ${curl} http://${network}:8000/${path}`, worker);
  };
  await until(
    async () => {
      const { code, output } = await fetch("small");
      return code === 0 ? { done: true, value: output } : { done: false, reason: `curl ends with ${code}` };
    },
    { what: `a small answer over ${network}`, deadline: "30 s" },
  );
  return fetch("large");
}

/** Orders a server; gives its public address. */
async function order(name: string, network: number, cacheOf?: string): Promise<string> {
  const user_data = cloudInit({ docker: "debian", hostKey, mirror: MIRROR, cacheOf });
  const what = { name, server_type: "cx23", image: "debian-13", location: "fsn1", networks: [network] };
  const { status, body } = await ask(emulator, "POST /servers", { ...what, ssh_keys: ["key"], user_data });
  expect([status, body.error]).toEqual([201, undefined]);
  return body.server.public_net.ipv4.ip;
}

beforeAll(async () => {
  lookAlike = await startLookAlike();
  ({ emulator, project } = lookAlike);
  await ask(emulator, "POST /ssh_keys", { name: "key", public_key: key.public });
  const subnets = [{ type: "cloud", ip_range: "10.0.1.0/24", network_zone: "eu-central" }];
  const network = await ask(emulator, "POST /networks", { name: "net", ip_range: "10.0.0.0/16", subnets });
  // The first one has the first address, which is the mirror's.
  node = await order("one", network.body.network.id, UPSTREAM);
  worker = await order("two", network.body.network.id);
});

afterAll(async () => {
  await lookAlike?.[Symbol.asyncDispose]();
});

describe("a server with a node's user data", () => {
  it("comes to an end without an error, under the host key that it was given", async () => {
    const { code, output } = await on("cloud-init status --wait --long");
    expect(output).toMatch(/status: done$/m);
    expect(code, output).toBe(0);
    expect(await outputOf("restic version")).toMatch(/^restic \d/);
  });

  it("has Docker as it was told", async () => {
    const info = JSON.parse(await outputOf("docker info --format '{{json .}}'"));
    expect(info.RegistryConfig.Mirrors).toEqual([`${MIRROR}/`]);
    expect(info.LoggingDriver).toBe("json-file");
    await outputOf("docker network create bridged");
    const subnet = "docker network inspect bridged --format '{{(index .IPAM.Config 0).Subnet}}'";
    expect(await outputOf(subnet)).toMatch(/^172\.(?:1[6-9]|2\d|3[01])\.\d+\.0\/24$/);
    expect(await outputOf("curl --silent --fail http://127.0.0.1:9323/metrics | grep -c ^engine_")).toMatch(/^\d+$/);
  });

  it("sends large answers from one node to another in an overlay network", async () => {
    for (const host of [node, worker]) await outputOf(`cloud-init status --wait && ${IMAGE}`, host);
    const own = async (host: string) =>
      (await outputOf("ip -4 -brief address show dev enp7s0", host)).match(/10\.[\d.]+/)?.[0];
    const manager = await own(node);
    await outputOf(`docker swarm init --advertise-addr ${manager} --default-addr-pool ${OVERLAY_POOL.base}`);
    const token = await outputOf("docker swarm join-token --quiet worker");
    await outputOf(`docker swarm join --advertise-addr ${await own(worker)} --token ${token} ${manager}:2377`, worker);
    expect(await fetchedOver("between")).toEqual({ code: 0, output: String(MEGABYTE) });
    // VXLAN's 50 bytes around it, and it just fits into a packet of the private network.
    const mtu = "docker run --rm --network between probe /usr/bin/curl --silent file:///sys/class/net/eth0/mtu";
    expect(await outputOf(mtu)).toBe("1400");
  });

  it("pulls by the cache of the first server, which needs what it asks no more once it has it", async () => {
    await outputOf(`printf '${UPSTREAM_CONFIG.replaceAll("\n", "\\n")}' > /etc/upstream.yml`);
    await outputOf("systemd-run --quiet --unit upstream docker-registry serve /etc/upstream.yml");
    const push = "docker tag probe 127.0.0.1:5001/library/kept:1 && docker push --quiet 127.0.0.1:5001/library/kept:1";
    await outputOf(push);
    const pull = async () => (await on("docker pull --quiet kept:1", worker)).output.trim();
    await expect.poll(pull, { timeout: 30_000 }).toBe("docker.io/library/kept:1");
    await outputOf("docker rmi kept:1", worker);
    await outputOf("systemctl stop upstream");
    expect(await pull()).toBe("docker.io/library/kept:1");
    await outputOf("docker tag kept:1 10.0.1.1:5000/library/kept:2", worker);
    expect((await on("docker push --quiet 10.0.1.1:5000/library/kept:2", worker)).output).toMatch(/unsupported/i);
  });

  it("bears many connections, and takes no password", async () => {
    const settings = await outputOf("sshd -T");
    for (const line of ["maxstartups 100:30:300", "maxsessions 100", "passwordauthentication no"])
      expect(settings.split("\n")).toContain(line);
  });

  it("upgrades nothing that would take containers down, and never reboots", async () => {
    const settings = await outputOf("apt-config dump");
    expect(settings).toContain('Unattended-Upgrade::Automatic-Reboot "false";');
    expect(settings).toContain('Unattended-Upgrade::Package-Blacklist:: "docker\\.io$";');
    expect(settings).toContain('APT::Periodic::Unattended-Upgrade "1";');
    const python = "import re, sys; print([p for p in sys.argv[2:] if re.match(sys.argv[1], p)])";
    const patterns = [...settings.matchAll(/Package-Blacklist:: "(.+)";/g)].map(([, pattern]) => pattern).join("|");
    const packages = "docker.io docker-cli docker-ce docker-ce-cli containerd containerd.io runc openssl runcx";
    const kept = await outputOf(`python3 -c '${python}' '${patterns}' ${packages}`);
    expect(kept.replaceAll("'", "")).toBe(
      "[docker.io, docker-cli, docker-ce, docker-ce-cli, containerd, containerd.io, runc]",
    );
  });

  it("keeps its containers from the metadata service, also after Docker and the server started again", async () => {
    await outputOf("systemd-run --quiet python3 -m http.server --directory /etc/cloud 8000");
    expect(await outputOf(`curl --silent --fail ${USER_DATA}`)).toContain("#cloud-config");
    const REFUSED = 7;
    expect(await inContainer(USER_DATA)).toBe(REFUSED);
    expect(await inContainer(`http://${node}:8000/`)).toBe(0);
    await outputOf("systemctl restart docker");
    expect(await inContainer(USER_DATA)).toBe(REFUSED);
    const { servers } = (await ask(emulator, "GET /servers")).body;
    await ask(emulator, `POST /servers/${servers[0].id}/actions/reboot`);
    await project.actions.settled();
    await outputOf("systemctl is-system-running --wait");
    expect(await inContainer(USER_DATA)).toBe(REFUSED);
    expect(await outputOf("cloud-init status --wait")).toContain("status: done");
  });
});
