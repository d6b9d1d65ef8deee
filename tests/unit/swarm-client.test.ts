import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { InfraError, UserError } from "../../lib/errors.ts";
import { connect, engineMessage, ping, socketPath } from "../../swarm/client.ts";
import { watchConvergence } from "../../swarm/converge/converge.ts";
import { putFile } from "../../swarm/files.ts";
import { inventory } from "../../swarm/inventory.ts";
import { capabilities, nodeInfo } from "../../swarm/node-info.ts";
import { removeByRun } from "../../swarm/remove-by-run.ts";
import { destinationOf } from "../../swarm/ssh-dial.ts";

describe("the address of an engine", () => {
  test("is a socket on this machine", () => {
    expect(socketPath("unix:///run/docker.sock")).toBe("/run/docker.sock");
  });

  test.each([
    "tcp://",
    "tcp://user@10.0.0.1",
    "tcp://10.0.0.1:2376/path",
    "ssh://root:secret@host",
    "ssh://-oProxyCommand=x",
    "ssh://host/path",
    "ssh://",
    "/run/docker.sock",
    "unix://relative",
    "",
  ])("%j is refused with what to give instead", (host) => {
    expect(() => connect(host)).toThrow(UserError);
  });
});

describe("the address of an engine elsewhere", () => {
  test.each([
    ["ssh://root@10.0.0.2", ["-l", "root", "--", "10.0.0.2"]],
    ["ssh://ci@node.example.org:2222", ["-l", "ci", "-p", "2222", "--", "node.example.org"]],
    ["ssh://worker-1", ["--", "worker-1"]],
  ])("%s is ssh's", (host, argv) => {
    expect(connect(host).host).toBe(host);
    expect(destinationOf(host)).toEqual(argv);
  });
});

describe("the address of an engine behind TLS", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "recipe-ci-tls-"));
    vi.stubEnv("DOCKER_CERT_PATH", folder);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  test("needs a client's certificate, and says which file is not there", async () => {
    for (const file of ["ca.pem", "cert.pem", "key.pem"]) {
      expect(() => connect("tcp://node:2376")).toThrow(`tcp://node:2376: ${join(folder, file)}: ENOENT`);
      await writeFile(join(folder, file), file);
    }
    const { modem } = connect("tcp://node:2377").docker;
    const shown = { ca: Buffer.from("ca.pem"), cert: Buffer.from("cert.pem"), key: Buffer.from("key.pem") };
    expect(modem).toMatchObject({ protocol: "https", host: "node", port: 2377, ...shown });
    expect(connect("tcp://[fd00::1]").docker.modem).toMatchObject({ host: "fd00::1", port: 2376 });
  });
});

test("an engine's message is given without the client's own words", () => {
  expect(engineMessage(new Error("(HTTP code 404) no such container - No such container: x "))).toBe(
    "No such container: x",
  );
});

test("capabilities are the node's labels with the prefix; only 'false' says no", () => {
  expect(
    capabilities({ "recipe-ci.capability.ipvs": "false", "recipe-ci.capability.gpu": "true", other: "false" }),
  ).toEqual({ ipvs: false, gpu: true });
});

const nowhere = connect("unix:///nonexistent/docker.sock");

test.each([
  ["ping", () => ping(nowhere)],
  ["the inventory", () => inventory(nowhere)],
  ["the node's information", () => nodeInfo(nowhere)],
  ["a watch", () => watchConvergence({ swarm: nowhere, services: [{ name: "x" }] })],
])("an engine that is not there is the machinery's fault: %s", async (_, ask) => {
  await expect(ask()).rejects.toThrow(InfraError);
  await expect(ask()).rejects.toThrow("unix:///nonexistent/docker.sock does not answer");
});

test("removal without a run's name is refused before anything is asked", async () => {
  await expect(removeByRun(nowhere, "")).rejects.toThrow(RangeError);
});

test.each(["relative", "/a/../b", "/folder/", "/nul\0"])("a file is not put at %j", async (path) => {
  await expect(putFile(nowhere, "id", path, "x")).rejects.toThrow(RangeError);
});
