import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InfraError } from "../../lib/errors.ts";
import { findProgram } from "../../lib/program.ts";
import { dockerCli } from "../../machine/docker-cli.ts";
import { locateVersions } from "../../stacks/versions.ts";
import { connect, ping, type Swarm } from "../../swarm/client.ts";
import { subscribe } from "../../swarm/engine-events.ts";
import { execIn } from "../../swarm/exec.ts";
import { withContainer } from "../../swarm/helper-container.ts";
import { inventory } from "../../swarm/inventory.ts";
import { nodeInfo } from "../../swarm/node-info.ts";
import { ownHome } from "./own-home.ts";
import { newKey, type SshServer, startSshServer } from "./pulumi-ssh-server.ts";
import { quietRun } from "./quiet-run.ts";
import { smallRecipe } from "./small-recipe.ts";
import { changesSince, IMAGE, TestRun, testSwarmWithImages, UNCHANGED } from "./swarm-fixture.ts";

let local: Swarm;
let server: SshServer;
let own: Awaited<ReturnType<typeof ownHome>>;
let remote: Swarm;

beforeAll(async () => {
  local = await testSwarmWithImages();
  const [program, ...rest] = await dockerCli();
  // By its path: another of its name stands before it on the other side.
  const cli = [(await findProgram(program)) ?? program, ...rest];
  server = await startSshServer({ anyPath: true });
  own = await ownHome("ssh");
  await configure(server.hostKey, cli);
  remote = connect(`ssh://root@127.0.0.1:${server.port}`);
});

afterAll(async () => {
  await own[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

/** What OpenSSH's client goes by, which finds a `docker` on the other side that talks to the engine under test. */
async function configure(hostKey: string, cli: readonly string[]): Promise<void> {
  const folder = join(own.folder, "ssh");
  await mkdir(folder, { recursive: true });
  const file = async (name: string, text: string, mode = 0o600) => {
    await writeFile(join(folder, name), text);
    await chmod(join(folder, name), mode);
    return join(folder, name);
  };
  await file("docker", `#!/bin/sh\nexec ${cli.map((word) => `'${word}'`).join(" ")} "$@"\n`, 0o700);
  const lines = [
    `IdentityFile ${await file("key", server.clientKey)}`,
    "IdentitiesOnly yes",
    `UserKnownHostsFile ${await file("known", `[127.0.0.1]:${server.port} ${hostKey}\n`)}`,
    "GlobalKnownHostsFile none",
    `SetEnv DOCKER_HOST=${local.host} PATH=${folder}:${process.env.PATH}`,
  ];
  await file("config", `${lines.join("\n")}\n`);
}

describe("an engine that is reached by ssh", () => {
  test("is the same engine, seen and told of as by its socket", async () => {
    await ping(remote);
    expect(await nodeInfo(remote)).toEqual(await nodeInfo(local));
    expect(changesSince(await inventory(local), await inventory(remote))).toEqual(UNCHANGED);
  });

  test("runs a command in a container, with what goes in and what comes out", async () => {
    await using run = new TestRun(local);
    const spec = { run: run.name, image: IMAGE, cmd: ["sleep", "1000"] };
    await withContainer(local, spec, async ({ id }) => {
      const argv = ["sh", "-c", "wc -c; echo no >&2; exit 3"] as const;
      const result = await execIn(remote, id, argv, { input: Buffer.alloc(300_000, "x") });
      expect(result).toEqual({ code: 3, stdout: "300000\n", stderr: "no\n" });
      // It ends before it has read what it is given.
      const early = await execIn(remote, id, ["sh", "-c", "echo said; exit 3"], {
        input: Buffer.alloc(5_000_000, "x"),
      });
      expect(early).toEqual({ code: 3, stdout: "said\n", stderr: "" });
    });
  });

  test("tells what happens there", async () => {
    await using run = new TestRun(local);
    const seen: string[] = [];
    const events = await subscribe(remote, ({ Action, Actor }) => void seen.push(`${Action} ${Actor.ID}`));
    const spec = { run: run.name, image: IMAGE, cmd: ["sleep", "1000"] };
    const id = await withContainer(local, spec, async (helper) => helper.id);
    await expect.poll(() => seen).toContain(`destroy ${id}`);
    events.close();
  });

  // One at Hetzner does, on the way of every change.
  test.runIf(process.env.RECIPE_CI_PROOF)("takes a recipe through its life", async () => {
    await using recipe = await smallRecipe();
    const definition = { name: "small", source: recipe.folder };
    const located = { ...(await locateVersions(definition)), baseCommit: undefined };
    const run = `ssh-${process.pid}`;
    const result = await quietRun({ run, definition, located, dockerHost: remote.host });
    expect(result.verdict, result.reason).toBe("pass");
    expect(result.ledger).toMatchObject({ left: [], lost: [] });
  });

  test("whose key is another is not talked to, and that is the machinery's", async () => {
    await configure(newKey().public, ["false"]);
    const other = connect(`ssh://root@127.0.0.1:${server.port}`);
    await expect(ping(other)).rejects.toThrow(InfraError);
    await expect(ping(other)).rejects.toThrow("Host key verification failed");
  });
});
