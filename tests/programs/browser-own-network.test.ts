import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { OWN_WAY, ownNetwork } from "../../checks/browser/own-network.ts";
import { present } from "../../lib/present.ts";
import { scratchFolder } from "../fixtures/recipe-folder.ts";

/** Says what the node's Traefik tells it, and whether anything else of this machine can be reached. */
const ASKS = `const net = require("node:net");
net.connect(${OWN_WAY.port}, "${OWN_WAY.address}").pipe(process.stdout);
net.connect(Number(process.argv[1]), "127.0.0.1").on("error", ({ code }) => console.error(code));`;

test("a program in a network of its own reaches the node's Traefik and nothing else, however long its folder's name is", async () => {
  const traefik = createServer((socket) => socket.end("hello from outside")).listen(0, "127.0.0.1");
  await once(traefik, "listening");
  const { port } = traefik.address() as AddressInfo;
  const home = join(await scratchFolder(), "a-rather-long-name-".repeat(8));
  await mkdir(home);
  const own = await ownNetwork(process.execPath, { address: "127.0.0.1", port }, home);
  // Who is not root has none.
  expect(own === undefined).toBe(process.getuid?.() !== 0);
  if (own) {
    // As Playwright starts it: with two descriptors more.
    const child = spawn(own.executable, ["-e", ASKS, String(port)], {
      stdio: ["ignore", "pipe", "pipe", "ignore", "ignore"],
    });
    const [said, refused] = await Promise.all([
      text(present(child.stdout ?? undefined, "its output")),
      text(present(child.stderr ?? undefined, "its errors")),
    ]);
    expect([said, refused.trim()]).toEqual(["hello from outside", "ECONNREFUSED"]);
    await own.close();
  }
  traefik.close();
});
