import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../../lib/until.ts";
import { ask as askThe, TOKEN } from "./api-client.ts";
import { serviceUnavailable, tooManyRequests } from "./emulator/controls.ts";
import { Emulator } from "./emulator/emulator.ts";
import type { Project } from "./emulator/project.ts";
import { recordingMachines } from "./emulator/recording-machines.ts";

const ORDER = { name: "one", server_type: "cx23", image: "debian-13", location: "fsn1" };

let emulator: Emulator;
let project: Project;
let calls: string[];
const ask = (request: string, body?: unknown, token?: string) => askThe(emulator, request, body, token);

beforeEach(async () => {
  const recording = recordingMachines();
  calls = recording.calls;
  emulator = await Emulator.start(recording.machines);
  project = emulator.addProject(TOKEN);
  emulator.controls.actionMs = 5;
});

afterEach(() => emulator[Symbol.asyncDispose]());

describe("an answer", () => {
  it("says what is left of the hour's requests", async () => {
    const { headers } = await ask("GET /servers");
    expect(headers.get("RateLimit-Limit")).toBe("3600");
    expect(headers.get("RateLimit-Remaining")).toBe("3599");
    expect(Number(headers.get("RateLimit-Reset"))).toBeGreaterThan(Date.now() / 1000);
    expect(headers.get("X-Correlation-Id")).toBeTruthy();
  });

  it("has links to the pages around it", async () => {
    for (let number = 0; number < 5; number++)
      await ask("POST /placement_groups", { name: `g${number}`, type: "spread" });
    const { headers } = await ask("GET /placement_groups?per_page=2&page=2&sort=name");
    const at = (page: number) => `<${emulator.endpoint}/placement_groups?per_page=2&page=${page}&sort=name>`;
    expect(headers.get("Link")).toBe(`${at(1)}; rel="prev", ${at(3)}; rel="next", ${at(3)}; rel="last"`);
  });

  it("has no more than fifty entries", async () => {
    const { body } = await ask("GET /servers?per_page=1000");
    expect(body.meta.pagination.per_page).toBe(50);
    expect((await ask("GET /servers?page=0")).status).toBe(422);
  });
});

describe("a refusal", () => {
  it.each([
    ["POST /networks", "{", 400, "json_error"],
    ["POST /networks", {}, 422, "invalid_input"],
    ["GET /nothing", undefined, 404, "not_found"],
    ["GET /servers/one", undefined, 404, "not_found"],
    ["GET /datacenters", undefined, 410, "deprecated_api_endpoint"],
    ["GET /datacenters/4", undefined, 410, "deprecated_api_endpoint"],
    ["POST /servers", { ...ORDER, datacenter: "fsn1-dc14" }, 422, "invalid_input"],
    ["POST /primary_ips", { name: "a", type: "ipv4", datacenter: "fsn1-dc14" }, 422, "invalid_input"],
  ])("of %s %j is %i %s", async (request, body, status, code) => {
    const answer = await ask(request, body);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
    expect(Object.keys(answer.body.error)).toEqual(["code", "message", "details"]);
  });

  it.each(["", "y".repeat(64)])("of the token %j is 401", async (token) => {
    const answer = await ask("GET /servers", undefined, token);
    expect([answer.status, answer.body.error.code]).toEqual([401, "unauthorized"]);
  });

  it("comes when the hour's requests are used up, and says when to ask again", async () => {
    project.rateLimit.drain();
    const { status, headers, body } = await ask("GET /servers");
    expect([status, body.error.code]).toEqual([429, "rate_limit_exceeded"]);
    expect(headers.get("Retry-After")).toBe("1");
    await until(
      async () => {
        const again = await ask("GET /servers");
        return again.status === 200 ? { done: true, value: again } : { done: false, reason: String(again.status) };
      },
      { what: "another request", deadline: "5 s" },
    );
  });

  it("comes as often as it was ordered, for what it was ordered", async () => {
    emulator.controls.refuseNext(2, tooManyRequests(7), (request) => request === "GET /servers");
    expect((await ask("GET /networks")).status).toBe(200);
    const first = await ask("GET /servers");
    expect([first.status, first.headers.get("Retry-After")]).toEqual([429, "7"]);
    expect((await ask("GET /servers")).status).toBe(429);
    expect((await ask("GET /servers")).status).toBe(200);
  });

  it("comes for a time", async () => {
    emulator.controls.refuseFor(200, serviceUnavailable());
    expect((await ask("GET /servers")).status).toBe(503);
    await until(
      async () =>
        (await ask("GET /servers")).status === 200 ? { done: true, value: true } : { done: false, reason: "down" },
      { what: "the API's return", deadline: "5 s", every: "50 ms" },
    );
  });
});

describe("a server that can't be had", () => {
  it("is refused where its type is sold out, until there is one again", async () => {
    emulator.controls.sellOut("cx23", "fsn1");
    const { status, body } = await ask("POST /servers", ORDER);
    expect([status, body.error.code]).toEqual([412, "resource_unavailable"]);
    const type = (await ask("GET /server_types?name=cx23")).body.server_types[0];
    const available = Object.fromEntries(
      type.locations.map((one: { name: string; available: boolean }) => [one.name, one.available]),
    );
    expect(available).toEqual({ fsn1: false, nbg1: true, hel1: true });
    expect((await ask("POST /servers", { ...ORDER, location: "nbg1" })).status).toBe(201);
    emulator.controls.restock("cx23", "fsn1");
    expect((await ask("POST /servers", { ...ORDER, name: "two" })).status).toBe(201);
  });

  it("is refused past the project's limit", async () => {
    emulator.controls.serverLimit = 0;
    const { status, body } = await ask("POST /servers", ORDER);
    expect([status, body.error.code]).toEqual([403, "resource_limit_exceeded"]);
    expect(body.error.details.limits).toEqual([{ name: "servers" }]);
  });

  it("stays, and is paid for, when only its action failed", async () => {
    emulator.controls.failNext("create_server", "resource_unavailable", "no host");
    const { body } = await ask("POST /servers", ORDER);
    await project.actions.settled();
    const { action } = (await ask(`GET /actions/${body.action.id}`)).body;
    expect([action.status, action.error]).toEqual(["error", { code: "resource_unavailable", message: "no host" }]);
    const next = (await ask(`GET /actions/${body.next_actions[0].id}`)).body.action;
    expect(next.status).toBe("error");
    expect((await ask(`GET /servers/${body.server.id}`)).body.server.status).toBe("off");
    expect(project.leftovers()).toHaveLength(3);
  });
});

describe("an action", () => {
  it("shows how far it is, and ends when it is let go on", async () => {
    const release = emulator.controls.hold("create_server");
    const { body } = await ask("POST /servers", ORDER);
    const look = async () => (await ask(`GET /actions/${body.action.id}`)).body.action;
    await until(
      async () => {
        const { progress } = await look();
        return progress === 80 ? { done: true, value: progress } : { done: false, reason: `at ${progress}` };
      },
      { what: "progress", deadline: "5 s", every: "5 ms" },
    );
    expect((await ask(`GET /servers/${body.server.id}`)).body.server).toMatchObject({
      status: "initializing",
      locked: true,
    });
    expect((await ask(`DELETE /servers/${body.server.id}`)).status).toBe(423);
    release();
    await project.actions.settled();
    expect(await look()).toMatchObject({ status: "success", progress: 100, error: null });
    expect((await ask(`DELETE /servers/${body.server.id}`)).status).toBe(200);
  });
});

describe("a server's machine", () => {
  const machineCalls = () => calls.map((call) => call.split(" ")[0]);

  async function makeNode(): Promise<{ server: number; network: number }> {
    const subnets = [{ type: "cloud", ip_range: "10.0.1.0/24", network_zone: "eu-central" }];
    const network = (await ask("POST /networks", { name: "net", ip_range: "10.0.0.0/16", subnets })).body.network.id;
    const rules = [{ direction: "in", protocol: "tcp", port: "22", source_ips: ["0.0.0.0/0"] }];
    const firewall = (await ask("POST /firewalls", { name: "wall", rules })).body.firewall.id;
    const order = { ...ORDER, networks: [network], firewalls: [{ firewall }], user_data: "#cloud-config\n{}\n" };
    const server = (await ask("POST /servers", order)).body.server.id;
    await project.actions.settled();
    return { server, network };
  }

  it("is made with everything before it has power", async () => {
    await makeNode();
    expect(machineCalls()).toEqual(["create", "applyFirewall", "attachNetwork", "powerOn"]);
    const [create = "", wall = "", net = ""] = calls;
    expect(JSON.parse(create.slice("create ".length))).toMatchObject({
      name: "one",
      cores: 2,
      memoryGiB: 4,
      userData: "#cloud-config\n{}\n",
    });
    expect(wall).toContain('"port":"22"');
    expect(net).toContain('"address":"10.0.1.1"');
  });

  it("gets its private interface late, or only after a reboot", async () => {
    emulator.controls.privateInterface = "after reboot";
    const { server } = await makeNode();
    expect(machineCalls()).not.toContain("attachNetwork");
    expect((await ask(`GET /servers/${server}`)).body.server.private_net).toHaveLength(1);
    await ask(`POST /servers/${server}/actions/reboot`);
    await project.actions.settled();
    expect(machineCalls().slice(-2)).toEqual(["attachNetwork", "reboot"]);
  });

  it("leaves its networks when they are deleted", async () => {
    const { server, network } = await makeNode();
    expect((await ask(`DELETE /networks/${network}`)).status).toBe(204);
    await until(
      async () =>
        calls.includes(`detachNetwork ${server} ${network}`)
          ? { done: true, value: true }
          : { done: false, reason: calls.join(", ") },
      { what: "detached", deadline: "5 s", every: "10 ms" },
    );
    expect((await ask(`GET /servers/${server}`)).body.server.private_net).toEqual([]);
  });

  it("gets another firewall's rules with other labels", async () => {
    const { server } = await makeNode();
    const apply_to = [{ type: "label_selector", label_selector: { selector: "role=web" } }];
    const rules = [{ direction: "in", protocol: "tcp", port: "80", source_ips: ["0.0.0.0/0"] }];
    await ask("POST /firewalls", { name: "web", rules, apply_to });
    await project.actions.settled();
    const before = calls.length;
    await ask(`PUT /servers/${server}`, { labels: { role: "web" } });
    await until(
      async () => (calls.length > before ? { done: true, value: true } : { done: false, reason: "no call" }),
      { what: "rules", deadline: "5 s", every: "10 ms" },
    );
    expect(calls.at(-1)).toMatch(/^applyFirewall .*"port":"22".*"port":"80"/);
  });
});
