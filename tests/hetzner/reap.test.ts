import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ID_LABEL, nodeLabels } from "../../nodes/hetzner/labels.ts";
import { reapNodes } from "../../nodes/hetzner/reap.ts";
import { newSshKey } from "../../nodes/hetzner/ssh-keys.ts";
import { recipeCi } from "../live/cli.ts";
import { ownHome } from "../live/own-home.ts";
import { ask as askThe, TOKEN } from "./api-client.ts";
import { serviceUnavailable, tooManyRequests } from "./emulator/controls.ts";
import { Emulator } from "./emulator/emulator.ts";
import type { Project } from "./emulator/project.ts";
import { recordingMachines } from "./emulator/recording-machines.ts";

const HOUR = 3_600_000;
const OVER = new Date(Date.now() - HOUR);
const LATER = new Date(Date.now() + HOUR);

let place: AsyncDisposable;
let emulator: Emulator;
let project: Project;

beforeEach(async () => {
  place = await ownHome("reap");
  emulator = await Emulator.start(recordingMachines().machines);
  project = emulator.addProject(TOKEN);
  vi.stubEnv("HCLOUD_TOKEN", TOKEN);
  vi.stubEnv("HCLOUD_ENDPOINT", emulator.endpoint);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  expect(emulator.world.troubles).toEqual([]);
  await emulator?.[Symbol.asyncDispose]();
  await place?.[Symbol.asyncDispose]();
});

async function ask(request: string, body?: unknown) {
  const answer = await askThe(emulator, request, body);
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  await project.actions.settled();
  return answer.body;
}

/** One of each kind that a node has, as its labels say: of a stack, with an id and an end. */
async function node(id: string, expiresAt: Date | undefined, domain: string): Promise<Record<string, string>> {
  const labels = { ...nodeLabels("ci", expiresAt), [ID_LABEL]: id };
  const named = { name: id, labels };
  await ask("POST /ssh_keys", { ...named, public_key: newSshKey().public });
  const subnets = [{ type: "cloud", ip_range: "10.0.0.0/24", network_zone: "eu-central" }];
  const network = await ask("POST /networks", { ...named, ip_range: "10.0.0.0/16", subnets });
  const rules = [{ direction: "in", protocol: "tcp", port: "22", source_ips: ["0.0.0.0/0"] }];
  const firewall = await ask("POST /firewalls", { ...named, rules });
  const group = await ask("POST /placement_groups", { ...named, type: "spread" });
  const ip = await ask("POST /primary_ips", { ...named, type: "ipv4", location: "fsn1" });
  const server = await ask("POST /servers", {
    ...{ ...named, server_type: "cx23", image: "debian-13", location: "fsn1", networks: [network.network.id] },
    firewalls: [{ firewall: firewall.firewall.id }],
    placement_group: group.placement_group.id,
    public_net: { enable_ipv4: true, enable_ipv6: false, ipv4: ip.primary_ip.id },
  });
  await ask("POST /volumes", { ...named, size: 10, server: server.server.id });
  await ask(`POST /zones/${domain}/rrsets`, { ...record(`*.${id}`), labels });
  return labels;
}

function record(name: string) {
  return { name, type: "A", records: [{ value: "198.51.100.1" }] };
}

/** Names of all that is there, record sets among it. */
function there(): string[] {
  const records = project.zones.all().flatMap(({ rrsets }) => rrsets.filter(({ type }) => type === "A"));
  return [...project.leftovers(), ...records.map(({ name }) => `rrset ${name}`)];
}

function reap(...args: string[]) {
  return recipeCi("reap", ...args);
}

describe("recipe-ci reap", () => {
  it("takes away all that a node has whose time is over, and nothing of others, without any state", async () => {
    await ask("POST /zones", { name: "example.org", mode: "primary" });
    await ask("POST /zones/example.org/rrsets", record("www"));
    await ask("POST /placement_groups", { name: "theirs", type: "spread", labels: { "expires-at": "1" } });
    await node("0000000a", LATER, "example.org");
    await node("0000000b", undefined, "example.org");
    const others = there();
    await node("0000000c", OVER, "example.org");
    const all = there();
    expect(all.length - others.length).toBe(8);

    const shown = await reap("--expired", "--dry-run");
    expect(shown.code, shown.stderr).toBe(0);
    expect(shown.stdout).toMatch(/^node 0000000c of stack ci would go, since its time was over on .*: 8 objects$/m);
    expect(shown.stdout).toContain("  record set *.0000000c.example.org A");
    expect(shown.stdout).not.toMatch(/0000000[ab]/);
    expect(there()).toEqual(all);

    const { code, stdout, stderr } = await reap("--expired");
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^node 0000000c of stack ci is gone/m);
    expect(there()).toEqual(others);

    const named = await reap("--node", "0000000a");
    expect(named.code, named.stderr).toBe(0);
    expect(there().filter((one) => one.includes("0000000"))).toEqual(all.filter((one) => one.includes("0000000b")));
  });

  it("says what survives, with exit code 4, and takes away the rest", async () => {
    await ask("POST /zones", { name: "example.org", mode: "primary" });
    await node("0000000c", OVER, "example.org");
    const [server] = project.servers.all();
    await ask(`POST /servers/${server?.id}/actions/change_protection`, { delete: true, rebuild: true });
    await node("0000000d", OVER, "example.org");
    const { code, stdout } = await reap();
    expect(code).toBe(4);
    expect(stdout).toMatch(/^node 0000000c of stack ci is left: server 0000000c, /m);
    expect(stdout).toContain("Hetzner protects server 0000000c from being deleted, as it was told");
    expect(stdout).toMatch(/^node 0000000d of stack ci is gone/m);
    expect(there().filter((one) => one.includes("0000000d"))).toEqual([]);
  });

  it("gets over an API that is down, and a firewall that is still in use", async () => {
    await ask("POST /zones", { name: "example.org", mode: "primary" });
    await node("0000000c", OVER, "example.org");
    const other = await ask("POST /servers", { name: "theirs", server_type: "cx23", image: "debian-13" });
    const [firewall] = project.firewalls.all();
    const target = { type: "server", server: { id: other.server.id } };
    await ask(`POST /firewalls/${firewall?.id}/actions/apply_to_resources`, { apply_to: [target] });
    emulator.controls.refuseFor(1500, serviceUnavailable());
    emulator.controls.refuseNext(2, tooManyRequests(1), (request) => request.startsWith("DELETE /servers"));
    const options = { dryRun: false, progress: () => undefined, patience: "2 s" } as const;
    const access = { endpoint: emulator.endpoint, token: TOKEN };
    const [reaped] = await reapNodes(access, { expired: true }, options);
    expect(reaped?.left).toEqual(["firewall 0000000c"]);
    expect(reaped?.error).toContain("resource_in_use");
    expect(project.servers.all().map(({ name }) => name)).toEqual(["theirs"]);
    await ask(`DELETE /servers/${other.server.id}`);
    expect((await reapNodes(access, { expired: true }, options))[0]?.left).toEqual([]);
  });

  it("leaves alone what was made after it began", async () => {
    await ask("POST /zones", { name: "example.org", mode: "primary" });
    const labels = await node("0000000c", OVER, "example.org");
    const group = await ask("POST /placement_groups", { name: "young", type: "spread", labels });
    const young = project.placementGroups.get(group.placement_group.id);
    young.created = new Date(Date.now() + HOUR).toISOString();
    const { code, stdout } = await reap("--expired");
    expect(code).toBe(4);
    expect(stdout).toContain("is left: placement group young");
    expect(there().filter((one) => one.includes("0000000c"))).toEqual([]);
  });

  it("counts the last of a node's times, which an up that was killed may not have told all of it", async () => {
    const access = { endpoint: emulator.endpoint, token: TOKEN };
    const due = () => reapNodes(access, { expired: true }, { dryRun: true, progress: () => undefined });
    for (const [name, end] of [
      ["old", OVER],
      ["new", LATER],
    ] as const) {
      const labels = { ...nodeLabels("ci", end), [ID_LABEL]: "0000000c" };
      await ask("POST /placement_groups", { name, type: "spread", labels });
      expect(await due()).toHaveLength(name === "old" ? 1 : 0);
    }
    const [, young] = project.placementGroups.all();
    const { "expires-at": _, ...unlimited } = young?.labels ?? {};
    await ask(`PUT /placement_groups/${young?.id}`, { labels: unlimited });
    expect(await due()).toEqual([]);
  });

  it("needs a token for nodes, one that may write", async () => {
    emulator.addToken("r".repeat(64), project, "read");
    vi.stubEnv("HCLOUD_TOKEN", "r".repeat(64));
    const refused = await reap("--expired");
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("may only read")]);
    vi.stubEnv("HCLOUD_TOKEN", undefined);
    expect((await reap("--expired")).code).toBe(2);
    const without = await reap();
    expect([without.code, without.stdout]).toEqual([0, expect.stringContaining("HCLOUD_TOKEN is not set")]);
  });
});
