import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { stringify } from "yaml";
import { present } from "../../lib/present.ts";
import { runOn } from "../../nodes/hetzner/remote.ts";
import { serversOf } from "../../nodes/hetzner/server-access.ts";
import { ensurePulumi } from "../../pulumi/locate.ts";
import { COMMON_PLUGINS } from "../../pulumi/versions.ts";
import { connect } from "../../swarm/client.ts";
import { swarmNodes } from "../../swarm/engines.ts";
import { gitFolder } from "../fixtures/recipe-folder.ts";
import { recipeCi, resultOf } from "../live/cli.ts";
import { IMAGE } from "../live/swarm-fixture.ts";
import { ask, TOKEN } from "./api-client.ts";
import type { Emulator } from "./emulator/emulator.ts";
import type { Project } from "./emulator/project.ts";
import { type LookAlike, startLookAlike } from "./look-alike.ts";
import { leftovers } from "./machines/sweep.ts";
import { NodeStack, succeeded } from "./node-stack.ts";

/** Shows the interface of Swarm's own network for published ports. */
const INGRESS = "nsenter --net=/run/docker/netns/ingress_sbox ip -oneline link show eth0\n";

let lookAlike: LookAlike;
let emulator: Emulator;
let project: Project;
let stack: NodeStack;

beforeAll(async () => {
  await ensurePulumi({ onProgress: () => undefined, plugins: [...COMMON_PLUGINS, "hcloud"] });
  lookAlike = await startLookAlike();
  ({ emulator, project } = lookAlike);
  vi.stubEnv("HCLOUD_TOKEN", TOKEN);
  await ask(emulator, "POST /zones", { name: "example.org", mode: "primary" });
  stack = await NodeStack.create("hetzner-test", emulator, {
    ...{ workers: "1", volume: "10", zone: "example.org", ttl: "2 h" },
  });
  vi.stubEnv("RECIPE_CI_NODE_STACK", stack.name);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await stack?.[Symbol.asyncDispose]();
  await lookAlike?.[Symbol.asyncDispose]();
});

/** Nodes of the Swarm as its manager has them, by our client. */
async function nodes() {
  const manager = (await serversOf(stack.name)).find(({ role }) => role === "manager");
  return swarmNodes(connect(`ssh://root@${manager?.address}`));
}

describe("a node at Hetzner", () => {
  it("is a Swarm in the private network, all of whose engines our client reaches by ssh", async () => {
    succeeded(await stack.up());
    const found = await nodes();
    expect(found.map(({ role, state, availability }) => [role, state, availability])).toEqual([
      ["manager", "ready", "active"],
      ["worker", "ready", "active"],
    ]);
    const own = await Promise.all(
      found.map(async ({ engine }) => (await present(engine, "its engine").docker.info()).Swarm.NodeAddr),
    );
    expect(own).toEqual(["10.0.0.10", "10.0.0.11"]);
    for (const { labels } of found) expect(labels).toMatchObject({ "recipe-ci.capability.memory": "true" });
  });

  it("has its address apart from the server, and names that lead there, and says what it costs and when it ends", async () => {
    const [ip] = project.primaryIps.all().filter(({ auto_delete }) => !auto_delete);
    const { address, domain, price, endOfLife } = await stack.outputs();
    expect({ address, domain }).toEqual({ address: ip?.ip, domain: "hetzner-test.example.org" });
    expect(price).toMatch(/^0\.\d{4} EUR an hour, at most \d+\.\d\d a month, without tax$/);
    expect(endOfLife).toMatch(/^\d{4}-.*Z, by recipe-ci reap --expired/);
    const records = project.zones.all()[0]?.rrsets.filter(({ type }) => type === "A") ?? [];
    expect(records.map(({ name, records: [one] }) => [name, one?.value]).sort()).toEqual([
      ["*.hetzner-test", ip?.ip],
      ["hetzner-test", ip?.ip],
    ]);
    expect(ip?.dns_ptr).toEqual([{ ip: ip?.ip, dns_ptr: "hetzner-test.example.org" }]);
  });

  it("has its Docker's data on volumes, and no Docker without them", async () => {
    for (const { address } of await serversOf(stack.name)) {
      const { stdout } = await runOn(
        address,
        "df --output=source /mnt/docker-data /var/lib/docker /var/lib/containerd\n",
      );
      expect(new Set(stdout.trim().split("\n").slice(1)).size, stdout).toBe(1);
      const requires = await runOn(address, "systemctl show --property Requires docker containerd\n");
      expect(requires.stdout.match(/docker-data\.service/g)).toHaveLength(2);
    }
  });

  it("has overlay networks whose packets cross the private one, ingress too", async () => {
    const [manager] = await serversOf(stack.name);
    const { stdout } = await runOn(present(manager, "a server").address, INGRESS);
    expect(stdout).toContain(" mtu 1400 ");
  });

  it("is left as it is by a second up, whatever new servers would be made of and with", async () => {
    const { name } = present(project.servers.all()[0], "its server").type;
    emulator.controls.sellOut(name);
    await stack.set("docker", "official");
    await stack.set("image", "debian-12");
    succeeded(await stack.up("--expect-no-changes"));
    emulator.controls.restock(name);
    await stack.set("image", "debian-13");
    await stack.set("docker", "debian");
  });

  it("takes a recipe through its life, as any node does", async () => {
    const result = resultOf(await recipeCi("run", "custom-html", "--json"));
    expect(result.verdict, result.reason).toBe("pass");
    expect(result.node).toMatchObject({ kind: "hetzner" });
    expect(result.ledger).toMatchObject({ left: [], lost: [] });
  });

  it("takes a recipe of two services with a volume each through its life", async () => {
    const service = (name: string) => ({
      image: IMAGE,
      command: ["sh", "-c", "trap 'exit 0' TERM; httpd -p 80 -h /data; sleep 86400 & wait"],
      volumes: [`${name}:/data`],
      deploy: { labels: ["backupbot.backup=true"] },
    });
    const compose = {
      version: "3.8",
      services: { app: service("one"), store: service("two") },
      volumes: { one: {}, two: {} },
    };
    const files = { "compose.yml": stringify(compose), ".env.sample": "TYPE=pair\nDOMAIN=pair.example.com\n" };
    const result = resultOf(await recipeCi("run", "pair", "--source", await gitFolder(files), "--json"));
    expect(result.verdict, result.reason).toBe("pass");
    expect(result.node).toMatchObject({ kind: "hetzner" });
    expect(result.ledger).toMatchObject({ left: [], lost: [] });
  });

  it("has its secrets in no plain state", async () => {
    const state = await stack.state();
    expect(state).toContain("node-worker-1-swarm");
    for (const secret of [TOKEN, "PRIVATE KEY", "SWMTKN"]) expect(state).not.toContain(secret);
  });

  it("loses a worker in peace, and gets it again", async () => {
    await stack.set("workers", "0");
    succeeded(await stack.up());
    expect(await nodes()).toHaveLength(1);
    expect(project.servers.all()).toHaveLength(1);
    expect(await serversOf(stack.name)).toHaveLength(1);
    await stack.set("workers", "1");
    succeeded(await stack.up());
    expect((await nodes()).map(({ state }) => state)).toEqual(["ready", "ready"]);
  });

  it("leaves nothing, here or there, whatever became of its servers", async () => {
    const [manager] = project.servers.all();
    expect((await ask(emulator, `DELETE /servers/${manager?.id}`)).status).toBe(200);
    await project.actions.settled();
    succeeded(await stack.destroy());
    expect(project.leftovers()).toEqual(["zone example.org"]);
    expect(project.zones.all()[0]?.rrsets.map(({ type }) => type)).toEqual(["SOA", "NS"]);
    expect(emulator.world.troubles).toEqual([]);
    expect(await leftovers()).toEqual([]);
    expect(await serversOf(stack.name)).toEqual([]);
  });
});
