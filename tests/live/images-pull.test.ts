import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { pinnedReference } from "../../images/digest.ts";
import { ensureImages } from "../../images/ensure.ts";
import { PullError, pullImage } from "../../images/pull.ts";
import { parseLogins } from "../../images/registry-logins.ts";
import { present } from "../../lib/present.ts";
import type { Swarm } from "../../swarm/client.ts";
import { closedRegistry } from "./closed-registry.ts";
import { TestRun, testSwarm, testSwarmWithImages } from "./swarm-fixture.ts";

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

describe("an image that is not for everybody", { timeout: 60_000 }, () => {
  afterEach(() => vi.unstubAllEnvs());

  test("is had with the login of its registry alone, and a service of it runs", async () => {
    const own = await testSwarmWithImages();
    await using run = new TestRun(own);
    const { image, logins, password } = await closedRegistry(run);
    const wanted = { swarm: own, images: [{ image, usedBy: {} }] };
    await expect(ensureImages(wanted)).rejects.toThrow(/remedy: give a login: .* --secret registryLogins/s);
    const elsewhere = logins.replace("127.0.0.1", "127.0.0.2");
    expect(await failure(pullImage(own, image, { logins: parseLogins(elsewhere) }))).toMatchObject({ kind: "auth" });

    vi.stubEnv("RECIPE_CI_REGISTRY_LOGINS", logins);
    expect((await ensureImages(wanted)).ready).toMatchObject([{ image, origin: "pulled" }]);
    const pinned = present(await pinnedReference(own, image), "its digest");
    const name = await run.service("app", { Image: pinned });
    const states = async () =>
      (await own.docker.listTasks({ filters: { service: [name] } })).map((task) => task.Status?.State);
    await expect.poll(states, { timeout: 30_000 }).toContain("running");
    expect(JSON.stringify(await own.docker.getService(name).inspect())).not.toContain(password);
    await own.docker.getService(name).remove();
    await own.docker.getImage(image).remove({ force: true });
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
