import type { IncomingMessage } from "node:http";
import { get } from "node:https";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { stringify } from "yaml";
import { PROBE_IMAGE, RESTIC_IMAGE } from "../../images/own.ts";
import { present } from "../../lib/present.ts";
import type { RunResult } from "../../lifecycle/result.ts";
import { PROXY_NETWORK } from "../../machine/swarm.ts";
import { certificatesIn } from "../../nodes/acme/root-of.ts";
import { runOn } from "../../nodes/hetzner/remote.ts";
import { serversOf } from "../../nodes/hetzner/server-access.ts";
import { ensurePulumi } from "../../pulumi/locate.ts";
import { COMMON_PLUGINS } from "../../pulumi/versions.ts";
import { connect, type Swarm } from "../../swarm/client.ts";
import { swarmNodes } from "../../swarm/engines.ts";
import { type Entry, findEntry } from "../../swarm/entry/find.ts";
import { gitFolder } from "../fixtures/recipe-folder.ts";
import { bringImages } from "../live/bring-images.ts";
import { recipeCi, resultOf } from "../live/cli.ts";
import { IMAGE, TestRun, testSwarm } from "../live/swarm-fixture.ts";
import { ask, TOKEN } from "./api-client.ts";
import { unavailable } from "./emulator/api/api-error.ts";
import type { Emulator } from "./emulator/emulator.ts";
import type { Project } from "./emulator/project.ts";
import { type LookAlike, startLookAlike } from "./look-alike.ts";
import { leftovers } from "./machines/sweep.ts";
import { startNameServer } from "./name-server.ts";
import { NodeStack, succeeded } from "./node-stack.ts";
import { type Pebble, startPebble } from "./pebble.ts";

/** What a check says that asked an app by its own name. */
const SERVED = /^200 from https:\/\/\S+\.hetzner-test\.example\.org\//;
const ROUTED = [
  "traefik.enable=true",
  `traefik.http.routers.\${STACK_NAME}.rule=Host(\`\${DOMAIN}\`)`,
  `traefik.http.routers.\${STACK_NAME}.entrypoints=web-secure`,
  `traefik.http.routers.\${STACK_NAME}.tls=true`,
  `traefik.http.services.\${STACK_NAME}.loadbalancer.server.port=80`,
];

/** What opens a registry, as Docker writes it. */
const AUTH = Buffer.from("ci:secret-of-tests").toString("base64");
const LOGINS = JSON.stringify({ auths: { "registry.example.org": { auth: AUTH } } });

/** Shows the interface of Swarm's own network for published ports. */
const INGRESS = "nsenter --net=/run/docker/netns/ingress_sbox ip -oneline link show eth0\n";

const PROOF = process.env.RECIPE_CI_PROOF;

const OF_APPLICATIONS = [
  ...["nginx:1.22.1", "nginx:1.26.3"],
  ...["wordpress:6.1", "wordpress:6.8", "mariadb:10.11", "mariadb:11.8"],
];

/** What runs here need. Its Traefik's image the node has built itself, by ssh as any other would be. */
const IMAGES = [...(PROOF ? OF_APPLICATIONS : []), IMAGE, PROBE_IMAGE, RESTIC_IMAGE];

/** Of this worker, where those images are at hand. */
let ownNode: Swarm;
let world: AsyncDisposableStack;
let lookAlike: LookAlike;
let pebble: Pebble;
let emulator: Emulator;
let project: Project;
let stack: NodeStack;

beforeAll(async () => {
  await ensurePulumi({ onProgress: () => undefined, plugins: [...COMMON_PLUGINS, "hcloud"] });
  ownNode = await testSwarm();
  lookAlike = await startLookAlike();
  ({ emulator, project } = lookAlike);
  vi.stubEnv("HCLOUD_TOKEN", TOKEN);
  await ask(emulator, "POST /zones", { name: "example.org", mode: "primary" });
  world = new AsyncDisposableStack();
  const { address } = world.use(await startNameServer(project));
  pebble = world.use(await startPebble(address));
  stack = await NodeStack.create("hetzner-test");
  await stack.settle(emulator, {
    ...{ workers: "1", volume: "10", zone: "example.org", ttl: "2 h" },
    // As an argument it must not begin like an option.
    ...{ acme: pebble.directory, acmeAuthorities: `of the test:\n${pebble.authorities}` },
  });
  await stack.setSecret("registryLogins", LOGINS);
  vi.stubEnv("RECIPE_CI_NODE_STACK", stack.name);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await stack?.[Symbol.asyncDispose]();
  await world?.disposeAsync();
  await lookAlike?.[Symbol.asyncDispose]();
});

/** What the checks of a run say. */
function answers({ phases }: RunResult): (string | undefined)[] {
  return phases.flatMap(({ checks }) => checks.map((check) => ("summary" in check ? check.summary : undefined)));
}

/** The Swarm by its manager's engine. */
async function swarm() {
  const manager = (await serversOf(stack.name)).find(({ role }) => role === "manager");
  return connect(`ssh://root@${manager?.address}`);
}

/** Nodes of the Swarm as its manager has them, by our client. */
async function nodes() {
  return swarmNodes(await swarm());
}

/** What a name shows to who asks as users do, over TLS, and trusts the node's authority alone. */
async function fetchBy({ address, port, ca }: Entry, host: string): Promise<{ status?: number; body: Buffer }> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ host: address, port, ca, servername: host, headers: { host }, agent: false }, resolve).once("error", reject);
  });
  return { status: answer.statusCode, body: await buffer(answer) };
}

/** A recipe of two services with a volume each, as a repository. */
function pair(): Promise<string> {
  const service = (name: string, labels: string[] = []) => ({
    image: IMAGE,
    command: ["sh", "-c", "trap 'exit 0' TERM; echo up > /data/index.html; httpd -p 80 -h /data; sleep 86400 & wait"],
    volumes: [`${name}:/data`],
    networks: ["proxy"],
    healthcheck: { test: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1/"], interval: "1s", retries: 20 },
    deploy: { labels: ["backupbot.backup=true", ...labels] },
  });
  const compose = {
    version: "3.8",
    services: { app: service("one", ROUTED), store: service("two") },
    volumes: { one: {}, two: {} },
    networks: { proxy: { external: true } },
  };
  return gitFolder({ "compose.yml": stringify(compose), ".env.sample": "TYPE=pair\nDOMAIN=pair.example.com\n" });
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
    const engines = found.map(({ engine }) => present(engine, "its engine"));
    await bringImages(ownNode, engines, IMAGES);
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

  it("shows a certificate that an authority gave it for its names, and no record of how", async () => {
    const entry = present(await findEntry(await swarm()), "its Traefik");
    const root = certificatesIn(pebble.authorities).at(-1);
    expect(certificatesIn(entry.ca).map(({ fingerprint256 }) => fingerprint256)).toEqual([root?.fingerprint256]);
    const { status } = await fetchBy(entry, `nobodys.${entry.baseDomain}`);
    expect(status).toBe(404);
    expect((await stack.outputs()).certificate).toMatch(/^of localhost:\d+, until \d{4}-\d\d-\d\d; an up renews it/);
    expect(project.zones.all()[0]?.rrsets.filter(({ type }) => type === "TXT")).toEqual([]);
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

  // Such a life is tried on the manager below by ssh, and on a worker by TLS in lifecycle-workers.
  const lives = it.runIf(PROOF).each(["custom-html", "wordpress"]);
  lives("takes %s through its life on its worker, asked over TLS by its Traefik", async (recipe) => {
    const result = resultOf(await recipeCi("run", recipe, "--place-on", "node.role==worker", "--json"));
    expect(result.verdict, result.reason).toBe("pass");
    expect(result.node).toMatchObject({ kind: "hetzner", place: expect.stringMatching(/-worker-1$/) });
    expect(answers(result)).toContainEqual(expect.stringMatching(SERVED));
    expect(result.ledger).toMatchObject({ left: [], lost: [] });
  });

  it("brings a megabyte from an app on its worker through its Traefik", async () => {
    const entry = present(await findEntry(await swarm()), "its Traefik");
    await using run = new TestRun(await swarm());
    const host = `${run.name}.${entry.baseDomain}`;
    const labels = {
      "traefik.enable": "true",
      [`traefik.http.routers.${run.name}.rule`]: `Host(\`${host}\`)`,
      [`traefik.http.routers.${run.name}.entrypoints`]: "web-secure",
      [`traefik.http.routers.${run.name}.tls`]: "true",
      [`traefik.http.services.${run.name}.loadbalancer.server.port`]: "80",
    };
    const serve = "head -c 1000000 /dev/zero | tr '\\000' x > /tmp/index.html; exec httpd -f -p 80 -h /tmp";
    const spec = { Networks: [{ Target: PROXY_NETWORK }], Placement: { Constraints: ["node.role==worker"] } };
    await run.service(
      "app",
      { Command: ["sh", "-c", serve] },
      { Labels: { ...run.labels, ...labels }, TaskTemplate: spec },
    );
    const seen = async () => {
      const { status, body } = await fetchBy(entry, host);
      return [status, body.length, new Set(body)];
    };
    await expect.poll(seen).toEqual([200, 1_000_000, new Set(Buffer.from("x"))]);
  });

  it("has its secrets in no plain state", async () => {
    const state = await stack.state();
    expect(state).toContain("node-worker-1-swarm");
    for (const secret of [TOKEN, "PRIVATE KEY", "SWMTKN", AUTH]) expect(state).not.toContain(secret);
  });

  it("loses a worker in peace, and gets another, while its manager takes a recipe through its life", async () => {
    const run = recipeCi("run", "pair", "--source", await pair(), "--place-on", "node.role==manager", "--json");
    await stack.set("workers", "0");
    succeeded(await stack.up());
    expect(await nodes()).toHaveLength(1);
    expect(project.servers.all()).toHaveLength(1);
    expect(await serversOf(stack.name)).toHaveLength(1);
    // What the manager is, is offered and has no room just now.
    emulator.controls.refuseNext(1, unavailable("placement impossible"), (request) => request === "POST /servers");
    await stack.set("workers", "1");
    const said = succeeded(await stack.up());
    expect((await nodes()).map(({ state }) => state)).toEqual(["ready", "ready"]);
    const [manager, worker] = project.servers.all().map(({ type, location }) => `${type.name} in ${location.name}`);
    expect(worker).not.toBe(manager);
    expect(said).toContain(`of its workers, some are ${worker}`);
    succeeded(await stack.up("--expect-no-changes"));

    const result = resultOf(await run);
    expect(result.verdict, result.reason).toBe("pass");
    expect(result.node).toMatchObject({ kind: "hetzner" });
    expect(answers(result)).toContainEqual(expect.stringMatching(SERVED));
    expect(result.ledger).toMatchObject({ left: [], lost: [] });
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
