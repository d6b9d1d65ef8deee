import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { namedOwner } from "../../lib/owner.ts";
import { connect } from "../../swarm/client.ts";
import { isOver, type Standstill, stopLimit, stopServices } from "../../swarm/standstill.ts";
import type { TaskState } from "../../swarm/task.ts";
import { scratchFolder } from "../fixtures/recipe-folder.ts";

/** Number of updates of the service after which its task is gone, and how that looked before. */
interface Overlooking {
  DesiredState: string;
  updates: number;
}

/**
 * An engine whose Swarm has one service with one task, and ends that only when it is told for the given time. A real
 * Swarm does so now and then, on a busy machine, where a container ended while its service was told to rest.
 */
async function overlooking({ DesiredState, updates }: Overlooking): Promise<Standstill & { told: () => number }> {
  let told = 0;
  const Spec = { Name: "app", Mode: { Replicated: { Replicas: 1 } } };
  const service = () => ({ ID: "s", Version: { Index: told }, Spec: told === 0 ? Spec : rested });
  const rested = { ...Spec, Mode: { Replicated: { Replicas: 0 } } };
  const task = { ID: "t", ServiceID: "s", Slot: 1, NodeID: "n", DesiredState, Status: { State: "running" } };
  const answers: Record<string, () => unknown> = {
    "GET /services": () => [service()],
    "GET /services/s": service,
    "POST /services/s/update": () => {
      told++;
      return {};
    },
    "GET /tasks": () => (told < updates ? [task] : []),
    "GET /info": () => ({}),
    "GET /containers/json": () => [],
  };
  const server = createServer(({ method, url = "" }, response) => {
    const answer = answers[`${method} ${url.split("?")[0]}`];
    response.writeHead(answer ? 200 : 404, { "Content-Type": "application/json" });
    response.end(JSON.stringify(answer?.() ?? {}));
  });
  return { swarm: connect(`unix://${await listening(server)}`), namespace: "app", told: () => told };
}

async function listening(server: Server): Promise<string> {
  const socket = join(await scratchFolder(), "engine.sock");
  await once(server.listen(socket), "listening");
  onTestFinished(() => void server.close());
  return socket;
}

test.each(["running", "ready"])(
  "a task that Swarm means to be %s in a service told to rest is brought to its notice once more",
  async (DesiredState) => {
    const still = await overlooking({ DesiredState, updates: 2 });
    expect(await stopServices(still, "lost", "20 s")).toEqual(new Map([["app", 1]]));
    expect(still.told()).toBe(2);
  },
);

test("one that is being ended is waited for, and Swarm told nothing again; when it is too late, nobody is charged", async () => {
  const still = await overlooking({ DesiredState: "remove", updates: 2 });
  const error = await stopServices(still, "stopped", "0.2 s").catch((one: unknown) => one);
  expect(String(error)).toMatch(/end of all tasks of app: .* task of app is running on node n, and is to be remove/);
  expect([namedOwner(error), still.told()]).toEqual(["infra", 1]);
});

test("only a container that its recipe gives longer than five minutes is its recipe's to stop sooner", () => {
  const limits = [undefined, 10, 270, 271].map((grace) => stopLimit(grace));
  expect(limits.map(({ seconds, owner }) => [seconds, owner])).toEqual([
    [30, "infra"],
    [40, "infra"],
    [300, "infra"],
    [300, "recipe"],
  ]);
  expect(stopLimit(600).reason).toContain("stop_grace_period gives it 600 s");
});

describe("whether a task is over", () => {
  const task = (State: TaskState, DesiredState: TaskState) => ({ Status: { Timestamp: "", State }, DesiredState });

  test.each(["new", "allocated", "pending"] as const)("one that is %s and taken back never begins", (state) => {
    expect(isOver(task(state, "shutdown"))).toBe(true);
    expect(isOver(task(state, "running"))).toBe(false);
  });

  test.each(["assigned", "preparing", "starting", "running"] as const)("one that is %s has to end first", (state) => {
    expect(isOver(task(state, "shutdown"))).toBe(false);
  });

  test("one that ended is, whatever it is to be", () => {
    expect(isOver(task("failed", "running"))).toBe(true);
  });
});
