import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { connect } from "../../swarm/client.ts";

/** Stands for ssh(1): joins its standard input and output to a socket, as `docker system dial-stdio` does over there. */
const RELAY = `#!${process.execPath}
const socket = require("node:net").connect(process.env.RECIPE_CI_TEST_SOCKET);
process.stdin.pipe(socket).pipe(process.stdout);
socket.on("error", (error) => { console.error(error.message); process.exit(255); });
socket.on("close", () => process.exit(0));
`;

let folder: string;
let server: Server;
const sockets = new Set<Socket>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "recipe-ci-ssh-socket-"));
  const socket = join(folder, "engine.sock");
  await writeFile(join(folder, "ssh"), RELAY);
  await chmod(join(folder, "ssh"), 0o755);
  server = createServer((request, response) => request.resume().on("end", () => response.end("OK")));
  server.keepAliveTimeout = 0;
  server.on("connection", (one: Socket) => sockets.add(one.on("close", () => sockets.delete(one))));
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
  vi.stubEnv("RECIPE_CI_TEST_SOCKET", socket);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

/** The program does nothing else for so long, as on a busy machine. */
function stall(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

describe("a connection by ssh that lies idle", () => {
  test("serves the next request", async () => {
    const { docker } = connect("ssh://root@idle-host");
    const before = sockets.size;
    for (const _ of [1, 2, 3]) expect(String(await docker.ping())).toBe("OK");
    expect(sockets.size - before).toBe(1);
  });

  test("and that the engine has closed is followed by another", async () => {
    const { docker } = connect("ssh://root@closing-host");
    await docker.ping();
    server.closeIdleConnections();
    await expect.poll(() => sockets.size).toBe(0);
    expect(String(await docker.ping())).toBe("OK");
  });

  test("and that closed while this program was busy is followed by another, for what changes something too", async () => {
    const { docker } = connect("ssh://root@busy-host");
    await docker.ping();
    server.closeIdleConnections();
    await new Promise(setImmediate);
    stall(1500);
    expect(String(await docker.ping())).toBe("OK");
    await docker.createNetwork({ Name: "one" });
  });
});

test("a connection whose ssh ends in the middle of a request says why", async () => {
  const { docker } = connect("ssh://root@failing-host");
  await docker.ping();
  vi.stubEnv("RECIPE_CI_TEST_SOCKET", join(folder, "nobody.sock"));
  const refused = connect("ssh://root@refusing-host").docker.createNetwork({ Name: "x".repeat(1_000_000) });
  await expect(refused).rejects.toThrow("ENOENT");
});
