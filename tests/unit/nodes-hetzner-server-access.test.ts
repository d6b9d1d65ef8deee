import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sshFolder } from "../../lib/ssh-arguments.ts";
import { admit, dismiss, serversOf } from "../../nodes/hetzner/server-access.ts";
import { newSshKey } from "../../nodes/hetzner/ssh-keys.ts";
import { homeForEach } from "../fixtures/home-for-each.ts";

const ADDRESS = "203.0.113.1";
const FILES = ["config", "key", "known_hosts", "server.json"];

homeForEach();

describe("what ssh needs to reach a server", () => {
  const server = {
    ...{ stack: "ci", role: "manager" as const, address: ADDRESS },
    ...{ privateKey: newSshKey().private, hostKey: newSshKey().public },
  };

  it("is for the user alone, and goes with the stack's servers", async () => {
    await admit(server);
    await admit(server);
    expect((await readdir(sshFolder(ADDRESS))).sort()).toEqual(FILES);
    for (const file of FILES) expect((await stat(join(sshFolder(ADDRESS), file))).mode & 0o777).toBe(0o600);
    expect(await serversOf("ci")).toEqual([{ stack: "ci", role: "manager", address: ADDRESS }]);
    expect(await serversOf("others")).toEqual([]);
    await dismiss("ci");
    expect(await serversOf("ci")).toEqual([]);
  });

  it("is whole at every moment, though each up puts it down anew", async () => {
    await admit(server);
    const read = async () =>
      Promise.all([...FILES.map((file) => readFile(join(sshFolder(ADDRESS), file), "utf8")), serversOf("ci")]);
    const whole = await read();
    let going = true;
    const ups = (async () => {
      for (let up = 0; up < 100; up++) await admit(server);
      going = false;
    })();
    while (going) expect(await read()).toEqual(whole);
    await ups;
  });
});
