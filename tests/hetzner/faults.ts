import { readFile } from "node:fs/promises";
import { systemClock } from "../../lib/clock.ts";
import type { ExecResult } from "../../lib/exec.ts";
import { present } from "../../lib/present.ts";
import { signalPid } from "../../lib/signal.ts";
import { until } from "../../lib/until.ts";
import { ID_LABEL } from "../../nodes/hetzner/labels.ts";
import { newSshKey } from "../../nodes/hetzner/ssh-keys.ts";
import { RunningCli, recipeCi } from "../live/cli.ts";
import { ask, TOKEN } from "./api-client.ts";
import { unavailable } from "./emulator/api/api-error.ts";
import { serviceUnavailable, tooManyRequests } from "./emulator/controls.ts";
import type { Emulator } from "./emulator/emulator.ts";
import type { Machines } from "./emulator/machines.ts";
import type { Project } from "./emulator/project.ts";
import { type NodeStack, succeeded } from "./node-stack.ts";

/** Where a fault strikes. */
export interface Stage {
  emulator: Emulator;
  project: Project;
  /** What stands behind the look-alike. */
  machines: Machines;
  stack: NodeStack;
}

/** Something that goes wrong with a node at Hetzner, and what has to come of it. */
export interface Fault {
  /** For people, in docs/hetzner-faults.md. */
  what: string;
  /** What is done meanwhile. */
  doing: "preview" | "up" | "destroy" | "reap";
  /** Whether it is got over, or ends with an error. */
  comes: "borne" | "told";
  /** What is said. */
  says: RegExp;
  /** Whether servers have to boot for it. Default: nothing stands behind the API. */
  boots?: boolean;
  settings?: Readonly<Record<string, string>>;
  /** Strikes, and does what is done meanwhile. */
  act(stage: Stage): Promise<ExecResult>;
}

const READ_ONLY = "r".repeat(64);
const MINUTE = 60_000;

/** What destroy ends with. */
const ALL_GONE = /^ +- \d+ deleted$/m;

/** Leaves a node with all that it has at Hetzner, but not ready: nothing boots. */
async function halfMade({ emulator, stack, project }: Stage): Promise<void> {
  await stack.set("volume", "10");
  emulator.controls.failNext("attach_volume", "action_failed", "half made");
  const { code, stdout } = await stack.up();
  if (code === 0 || !stdout.includes("half made")) throw new Error(stdout);
  await project.actions.settled();
}

/** A server of somebody else in the project, which is off. */
async function foreignServer({ emulator, project }: Stage, more: object = {}): Promise<number> {
  const what = { name: "theirs", server_type: "cx23", image: "debian-13", location: "nbg1", start_after_create: false };
  const { body } = await ask(emulator, "POST /servers", { ...what, ...more });
  await project.actions.settled();
  return body.server.id;
}

/** Takes it away while something else goes on. */
async function removeMeanwhile({ emulator, project }: Stage, server: number, doing: Promise<ExecResult>) {
  await systemClock.sleep(5000);
  await ask(emulator, `DELETE /servers/${server}`);
  await project.actions.settled();
  return doing;
}

async function withToken({ stack }: Stage, token: string): Promise<ExecResult> {
  process.env.HCLOUD_TOKEN = token;
  try {
    return await stack.up();
  } finally {
    process.env.HCLOUD_TOKEN = TOKEN;
  }
}

async function withDescendants(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  const children = text.split(" ").filter(Boolean).map(Number);
  return [pid, ...(await Promise.all(children.map(withDescendants))).flat()];
}

/** Ends once a server runs, as Hetzner says. */
function running({ project }: Stage): Promise<number> {
  return until(
    async () => {
      const [server] = project.servers.all();
      return server?.status === "running" ? { done: true, value: server.id } : { done: false, reason: "none runs" };
    },
    { what: "a server", deadline: "2 min" },
  );
}

const REFUSED: readonly Fault[] = [
  {
    ...{ what: "the token opens nothing", doing: "up", comes: "told", says: /recipe-ci:token: opens no project/ },
    act: (stage) => withToken(stage, "w".repeat(64)),
  },
  {
    ...{ what: "the token may only read", doing: "up", comes: "told", says: /recipe-ci:token: may only read/ },
    act: async (stage) => {
      stage.emulator.addToken(READ_ONLY, stage.project, "read");
      return withToken(stage, READ_ONLY);
    },
  },
  {
    ...{ what: "the zone is missing", doing: "up", comes: "told", says: /the project has no zone example\.net/ },
    settings: { zone: "example.net" },
    act: ({ stack }) => stack.up(),
  },
  {
    ...{ what: "no type can be had in the first location", doing: "preview", comes: "borne" },
    says: /the first that can be ordered: cx33 in fsn1/,
    act: async ({ emulator, stack }) => {
      for (const type of ["cx33", "cpx32", "cx43"]) emulator.controls.sellOut(type, "nbg1");
      return stack.preview();
    },
  },
  {
    ...{ what: "the server can't be placed, though it is offered", doing: "up", comes: "told" },
    says: /placement impossible/,
    act: async ({ emulator, stack }) => {
      emulator.controls.refuseNext(99, unavailable("placement impossible"), (request) => request === "POST /servers");
      return stack.up();
    },
  },
  {
    ...{ what: "the server's creation fails", doing: "up", comes: "told", says: /no host has room/ },
    act: async ({ emulator, stack }) => {
      emulator.controls.failNext("create_server", "resource_unavailable", "no host has room");
      return stack.up();
    },
  },
  {
    ...{ what: "recipe-ci is killed when the server is there, and no state knows it", doing: "reap", comes: "borne" },
    says: /node \w+ of stack \S+ is gone/,
    act: async ({ emulator, project, stack }) => {
      const release = emulator.controls.hold("create_server");
      const up = new RunningCli("pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "-s", stack.name);
      const labels = await until(
        async () => {
          const [server] = project.servers.all();
          return server ? { done: true, value: server.labels } : { done: false, reason: up.output };
        },
        { what: "a server", deadline: "2 min" },
      );
      // All of it: Pulumi alone would go on without who started it.
      for (const pid of await withDescendants(up.child.pid ?? 0)) signalPid(pid, "SIGKILL");
      await up.exited();
      release();
      await project.actions.settled();
      return recipeCi("reap", "--node", present(labels[ID_LABEL], "its id"));
    },
  },
];

const BUSY: readonly Fault[] = [
  {
    ...{ what: "the API answers 503 for 30 s", doing: "destroy", comes: "borne", says: ALL_GONE },
    act: async (stage) => {
      await halfMade(stage);
      stage.emulator.controls.refuseFor(30_000, serviceUnavailable());
      return stage.stack.destroy();
    },
  },
  {
    ...{ what: "the API has had enough of us (429)", doing: "destroy", comes: "borne", says: ALL_GONE },
    act: async (stage) => {
      await halfMade(stage);
      stage.emulator.controls.refuseNext(5, tooManyRequests(2));
      return stage.stack.destroy();
    },
  },
  {
    ...{ what: "the server was deleted behind our back", doing: "destroy", comes: "borne", says: ALL_GONE },
    act: async (stage) => {
      await halfMade(stage);
      for (const { id } of stage.project.servers.all()) await ask(stage.emulator, `DELETE /servers/${id}`);
      await stage.project.actions.settled();
      return stage.stack.destroy();
    },
  },
  {
    ...{ what: "the primary IP is assigned to another server", doing: "destroy", comes: "borne", says: ALL_GONE },
    act: async (stage) => {
      await halfMade(stage);
      const { emulator, project, stack } = stage;
      for (const { id } of project.servers.all()) await ask(emulator, `DELETE /servers/${id}`);
      await project.actions.settled();
      const [ip] = project.primaryIps.all();
      const server = await foreignServer(stage, {
        public_net: { ipv4: ip?.id, enable_ipv4: true, enable_ipv6: false },
      });
      return removeMeanwhile(stage, server, stack.destroy());
    },
  },
  {
    ...{ what: "the firewall is in use by another server", doing: "destroy", comes: "borne", says: ALL_GONE },
    act: async (stage) => {
      await halfMade(stage);
      const [firewall] = stage.project.firewalls.all();
      const server = await foreignServer(stage, { firewalls: [{ firewall: firewall?.id }] });
      return removeMeanwhile(stage, server, stage.stack.destroy());
    },
  },
];

const BOOTING: readonly Fault[] = [
  {
    ...{ what: "the private interface comes only with another start", doing: "up", comes: "borne", boots: true },
    says: /its private address does not come, starting it again/,
    act: async ({ emulator, stack }) => {
      emulator.controls.privateInterface = "after reboot";
      const result = await stack.up();
      emulator.controls.privateInterface = "at once";
      return result;
    },
  },
  {
    ...{ what: "cloud-init fails", doing: "up", comes: "told", boots: true, says: /cloud-init failed on [\d.]+:/ },
    // Docker's own packages lie where no test gets.
    settings: { docker: "official" },
    act: ({ stack }) => stack.up(),
  },
  {
    ...{
      what: "ssh is refused for a minute",
      doing: "up",
      comes: "borne",
      boots: true,
      says: /ssh answers, with the key/,
    },
    act: async (stage) => {
      const up = stage.stack.up();
      const server = await running(stage);
      await stage.machines.applyFirewall(server, []);
      await systemClock.sleep(MINUTE);
      await stage.machines.applyFirewall(server, undefined);
      return up;
    },
  },
  {
    ...{ what: "the server shows another host key", doing: "up", comes: "told", boots: true },
    says: /shows another host key than it was given/,
    act: async ({ machines, stack }) => {
      const create = machines.create;
      const other = newSshKey().private.split("\n");
      // Each line of the key in its block of the user data.
      const swapped = (userData: string) =>
        userData.replace(/(-----BEGIN OPENSSH[\s\S]*?END OPENSSH PRIVATE KEY-----)/, (block) => {
          const indent = /\n( +)\S/.exec(block)?.[1] ?? "";
          return other.filter(Boolean).join(`\n${indent}`);
        });
      machines.create = (order) => create.call(machines, { ...order, userData: swapped(order.userData) });
      try {
        return await stack.up();
      } finally {
        machines.create = create;
      }
    },
  },
  {
    ...{
      what: "the volume was detached",
      doing: "up",
      comes: "borne",
      boots: true,
      says: /VolumeAttachment.*creat/,
    },
    settings: { volume: "10" },
    act: async ({ emulator, project, stack }) => {
      succeeded(await stack.up());
      for (const { id } of project.volumes.all()) await ask(emulator, `POST /volumes/${id}/actions/detach`);
      await project.actions.settled();
      return stack.up("--refresh");
    },
  },
];

/** One of each kind, for every change. */
export const SAMPLE: readonly Fault[] = REFUSED.filter(({ doing }) => doing === "reap");

/** All of them, for `npm run proof`. */
export const FAULTS: readonly Fault[] = [...REFUSED, ...BUSY, ...BOOTING];
