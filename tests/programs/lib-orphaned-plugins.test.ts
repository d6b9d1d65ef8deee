import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, it } from "vitest";
import { endOrphanedPlugins } from "../../lib/orphaned-plugins.ts";

/** A process that looks like a plugin of the engine at that port. */
function plugin(port: number, name = "pulumi-resource-test") {
  const args = ["-e", "setInterval(() => {}, 1000); console.log('up')", `127.0.0.1:${port}`];
  return spawn(process.execPath, args, { argv0: name, stdio: ["ignore", "pipe", "ignore"] });
}

it("ends plugins whose engine is gone, and nothing else", async () => {
  const engine = createServer().listen(0, "127.0.0.1");
  await once(engine, "listening");
  const { port } = engine.address() as AddressInfo;
  const gone = createServer().listen(0, "127.0.0.1");
  await once(gone, "listening");
  const { port: nobody } = gone.address() as AddressInfo;
  await new Promise((resolve) => gone.close(resolve));

  const served = plugin(port);
  const other = plugin(nobody, "some-program");
  const orphan = plugin(nobody);
  try {
    await Promise.all([served, other, orphan].map((child) => once(child.stdout, "data")));
    const ended = once(orphan, "exit");
    expect(await endOrphanedPlugins()).toBeGreaterThan(0);
    expect((await ended)[1]).toBe("SIGKILL");
    expect([served.exitCode, served.signalCode, other.exitCode, other.signalCode]).toEqual([null, null, null, null]);
  } finally {
    for (const child of [served, other, orphan]) child.kill("SIGKILL");
    engine.close();
  }
});
