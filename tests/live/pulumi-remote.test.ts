import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { TestProject } from "./pulumi-project.ts";
import { freePort, newKey, type SshServer, startSshServer, writeTree } from "./pulumi-ssh-server.ts";

/** The others are tried by every node at Hetzner. */
const PROOF = process.env.RECIPE_CI_PROOF;

/** A program with a `connection` built from configuration, and `body`. */
const program = (body: string) => `
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
const config = new pulumi.Config();
const connection = {
  host: "127.0.0.1", port: config.requireNumber("port"), privateKey: config.requireSecret("key"),
  hostKey: config.get("hostKey"), dialErrorLimit: config.getNumber("dials") ?? 0, perDialTimeout: 10,
};
${body}
`;

async function configure(project: TestProject, server: { port: number; clientKey: string; hostKey?: string }) {
  await project.succeed("config", "set", "port", String(server.port));
  const { code, stderr } = await project.pulumi(["config", "set", "--secret", "key"], { input: server.clientKey });
  expect(code, stderr).toBe(0);
  if (server.hostKey) await project.succeed("config", "set", "hostKey", server.hostKey);
}

/** Waits for somebody to knock at a port, and shuts the door again. */
async function firstConnection(port: number): Promise<boolean> {
  const server = createServer((socket) => socket.destroy()).listen(port, "127.0.0.1");
  await once(server, "connection");
  server.close();
  await once(server, "close");
  return true;
}

async function projectOn(server: SshServer, body: string): Promise<TestProject> {
  const project = await TestProject.create(program(body));
  await configure(project, server);
  return project;
}

describe("command:remote:Command", () => {
  test("runs on the other side with stdin and environment, shows its output, and runs its delete", async () => {
    await using server = await startSshServer();
    await using project = await projectOn(
      server,
      `const one = new command.remote.Command("one", {
         connection, create: 'cat; echo " by $WHO"; echo oops >&2', stdin: "given", environment: { WHO: "me" },
         delete: 'echo "deleted after $PULUMI_COMMAND_STDOUT" > ' + process.cwd() + "/log",
       });
       export const stdout = one.stdout; export const stderr = one.stderr;`,
    );
    const { code, text } = await project.up();
    expect(code, text).toBe(0);
    expect(text).toContain("given by me");
    expect(await project.lastOutputs()).toEqual({ stdout: "given by me", stderr: "oops" });
    expect(await project.state()).not.toContain("PRIVATE KEY");
    await project.succeed("destroy", "--yes", "--skip-preview");
    expect(await readFile(join(project.directory, "log"), "utf8")).toBe("deleted after given by me\n");
  });

  test("fails with its status and output, is refused by a server of another host key at once, and with a wrong key", async () => {
    await using server = await startSshServer();
    await using project = await projectOn(
      server,
      `const one = (name: string, create: string, other = {}) =>
         new command.remote.Command(name, { connection: { ...connection, ...other }, create });
       one("failing", "echo why; exit 4");
       const hostKey = ${JSON.stringify(newKey().public)};
       one("stranger", "echo ran > " + process.cwd() + "/log", { hostKey, dialErrorLimit: -1 });
       one("locked", "true", { privateKey: pulumi.secret(${JSON.stringify(newKey().private)}) });`,
    );
    const { code, text } = await project.up("--continue-on-error");
    expect(code).not.toBe(0);
    expect(text).toMatch(/exit status 4: running "echo why; exit 4":\s+why/);
    expect(text).toContain("the host key is not the expected one");
    expect(text).toMatch(/authentication methods failed/);
    expect(text).not.toContain("PRIVATE KEY");
    await expect(readFile(join(project.directory, "log"))).rejects.toThrow(/ENOENT/);
  });

  test.runIf(PROOF)("dials again until the server is there, and gives up at the limit", async () => {
    const [port, client] = [await freePort(), newKey()];
    await using project = await TestProject.create(
      program(`export const out = new command.remote.Command("one", { connection, create: "echo up" }).stdout;`),
    );
    await configure(project, { port, clientKey: client.private });
    await project.succeed("config", "set", "dials", "2");
    expect((await project.up()).text).toMatch(/ssh to 127\.0\.0\.1:\d+ failed 3 times, lastly: .*ECONNREFUSED/);
    await project.succeed("config", "set", "--", "dials", "-1");
    const outputs = project.outputs();
    const dialled = await firstConnection(port);
    await using _server = await startSshServer({ port, client });
    expect(dialled).toBe(true);
    expect(await outputs).toEqual({ out: "up" });
  });
});

describe("command:remote:CopyToRemote", () => {
  test.runIf(PROOF)("copies files, texts and folders, copies again what changed, and only that", async () => {
    await using server = await startSshServer();
    const body = `
      const target = process.cwd() + "/target";
      const copy = (name: string, source: pulumi.asset.Asset | pulumi.asset.Archive, remotePath: string) =>
        new command.remote.CopyToRemote(name, { connection, source, remotePath });
      copy("file", new pulumi.asset.FileAsset("tree/a.txt"), target + "/renamed.txt");
      copy("text", new pulumi.asset.StringAsset("some text"), target + "/text");
      copy("folder", new pulumi.asset.FileArchive("tree"), target);
      copy("content", new pulumi.asset.FileArchive("tree/"), target + "/content");
    `;
    await using project = await projectOn(server, body);
    await writeTree(join(project.directory, "tree"));
    await mkdir(join(project.directory, "target"));
    const read = (path: string) => readFile(join(project.directory, "target", path), "utf8");
    await project.outputs();
    expect(await read("renamed.txt")).toBe("alpha");
    expect(await read("text")).toBe("some text");
    expect(await read("tree/a.txt")).toBe("alpha");
    expect((await read("tree/inner/b.bin")).length).toBe(300_000);
    expect(await read("content/inner/b.bin")).toBe(await read("tree/inner/b.bin"));
    expect((await project.up()).text).toContain("5 unchanged");
    await writeFile(join(project.directory, "tree", "a.txt"), "beta");
    expect((await project.up()).text).toContain("3 updated");
    expect(await read("renamed.txt")).toBe("beta");
    expect(await read("content/a.txt")).toBe("beta");
  });
});
