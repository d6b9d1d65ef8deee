import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { run } from "../../lib/exec.ts";
import { projectPath } from "../../lib/project.ts";
import { scratchFolder } from "../fixtures/recipe-folder.ts";

/** Runs the audit against a registry on loopback that answers as told. */
async function audit(status: number, advisories: unknown) {
  const server = createServer((request, response) => {
    response.writeHead(request.url?.includes("advisories") ? status : 404, { "content-type": "application/json" });
    request.resume().on("end", () => response.end(JSON.stringify(advisories)));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => server.closeAllConnections());
  const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const env = {
    ...process.env,
    npm_config_registry: registry,
    npm_config_fetch_retries: "0",
    npm_config_cache: await scratchFolder(),
  };
  return run([process.execPath, projectPath(".ci/audit.js")], { cwd: projectPath(), env });
}

const advisory = (severity: string) => ({
  diff: [{ id: 1, url: "https://example.com/1", title: "bad", severity, vulnerable_versions: "<1000.0.0", cwe: [] }],
});

test("an advisory fails the audit by its name from high on", { timeout: 60_000 }, async () => {
  const { code, stderr } = await audit(200, advisory("high"));
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("high: diff") });
  expect((await audit(200, advisory("moderate"))).code).toBe(0);
  expect((await audit(200, {})).code).toBe(0);
});

test("a registry without the service is told about in one line", { timeout: 60_000 }, async () => {
  const { code, stdout, stderr } = await audit(405, {});
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toBe("no audit: this npm registry has no such service (it answers 405)\n");
});

test("a service that breaks is no audit", { timeout: 60_000 }, async () => {
  const { code, stderr } = await audit(500, {});
  expect(code).toBe(1);
  expect(stderr).toMatch(/audit|500/);
});
