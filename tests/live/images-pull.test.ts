import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { beforeAll, describe, expect, test } from "vitest";
import { PullError, pullImage } from "../../images/pull.ts";
import type { Swarm } from "../../swarm/client.ts";
import { testSwarm } from "./swarm-fixture.ts";

let swarm: Swarm;
beforeAll(async () => {
  swarm = await testSwarm();
});

async function failure(pull: Promise<void>): Promise<PullError> {
  const error = await pull.then(
    () => new Error("it was pulled"),
    (reason: unknown) => reason,
  );
  if (error instanceof PullError) return error;
  throw error;
}

describe("an image that cannot be pulled", () => {
  test("is not found, in the words of a registry that answers", async () => {
    const error = await failure(pullImage(swarm, "127.0.0.1:5000/none:none"));
    expect(error).toMatchObject({ kind: "not-found", image: "127.0.0.1:5000/none:none" });
    expect(error.answer).toContain("manifest unknown");
  });

  test.each([
    ["of a registry that has no address", "nosuch.invalid/a:1", "no such host"],
    ["of a registry where nobody listens", "127.0.0.1:9/a:1", "connection refused"],
  ])("%s is a matter of the network", async (_, image, answer) => {
    const error = await failure(pullImage(swarm, image));
    expect(error.kind).toBe("network");
    expect(error.answer).toContain(answer);
  });

  test("because the registry never says a word is given up in time", async () => {
    await using registry = await silentRegistry();
    const error = await failure(pullImage(swarm, `${registry.address}/a:1`, { firstAnswer: "500 ms" }));
    expect(error).toMatchObject({ kind: "network", answer: "timeout: nothing heard for 500 ms" });
  });

  test("because the caller cancels fails with the caller's reason", async () => {
    await using registry = await silentRegistry();
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(new Error("enough")), 200);
    await expect(pullImage(swarm, `${registry.address}/a:1`, { signal: cancel.signal })).rejects.toThrow("enough");
  });
});

/** Takes connections from the engine, wherever its network namespace is, and never answers. */
async function silentRegistry() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => undefined));
  }).listen(0, "0.0.0.0");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const host = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find((one) => one.family === "IPv4" && !one.internal)?.address;
  return {
    address: `${host}:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
