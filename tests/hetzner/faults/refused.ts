import { readFile } from "node:fs/promises";
import type { ExecResult } from "../../../lib/exec.ts";
import { present } from "../../../lib/present.ts";
import { signalPid } from "../../../lib/signal.ts";
import { until } from "../../../lib/until.ts";
import { ID_LABEL } from "../../../nodes/hetzner/labels.ts";
import { RunningCli, recipeCi } from "../../live/cli.ts";
import { TOKEN } from "../api-client.ts";
import { unavailable } from "../emulator/api/api-error.ts";
import type { Fault, Stage } from "./fault.ts";

const READ_ONLY = "r".repeat(64);

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

/** What Hetzner or its API refuses, and a program that ends half-way. */
export const REFUSED: readonly Fault[] = [
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
    ...{ what: "no location has room for what it offers", doing: "up", comes: "told" },
    says: /no server of cx33 can be ordered in nbg1 now/,
    settings: { serverTypes: "cx33", locations: "nbg1" },
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
