import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exec } from "../../lib/exec.ts";
import { present } from "../../lib/present.ts";
import { inLocalState, stacksInLocalState } from "../../pulumi/local-state.ts";
import { stackFile } from "../../pulumi/stack-file.ts";
import { inventory } from "../../swarm/inventory.ts";
import { RUN_LABEL } from "../../swarm/run-label.ts";
import { gitFolder } from "../fixtures/recipe-folder.ts";
import { recipeCi, resultOf } from "./cli.ts";
import { changesSince, IMAGE, testSwarm, testSwarmWithImages, UNCHANGED } from "./swarm-fixture.ts";

const unique = (prefix: string) => `${prefix}-${randomBytes(3).toString("hex")}`;

/** Answers at the port that a label names. */
const SERVING = `version: "3.8"
services:
  app:
    image: ${IMAGE}
    command: ["sh", "-c", "mkdir /www; echo it is kept > /www/index.html; exec httpd -f -p 8080 -h /www"]
    networks: [internal]
    deploy:
      labels:
        - "traefik.http.services.\${STACK_NAME}.loadbalancer.server.port=8080"
        - "coop-cloud.\${STACK_NAME}.version=1.0.0+1.37.0"
networks:
  internal:
`;

/** What a process leaves that Pulumi was, and was killed. */
async function lockOfDead(stack: string): Promise<number> {
  const child = spawn("true");
  await once(child, "exit");
  const folder = inLocalState("locks", "organization", "recipe-ci", stack) ?? "";
  mkdirSync(folder, { recursive: true });
  const lock = { pid: child.pid, username: "root", hostname: hostname(), timestamp: new Date().toISOString() };
  writeFileSync(join(folder, "11111111-2222-3333-4444-555555555555.json"), JSON.stringify(lock));
  return child.pid ?? 0;
}

test("what a lost run left on the node is named by doctor and removed by end", async () => {
  const { docker } = await testSwarm();
  const run = unique("lost");
  await docker.createVolume({ Name: `${run}-data`, Labels: { [RUN_LABEL]: run } });
  const { code, stdout } = await recipeCi("doctor");
  expect(code).toBe(3);
  expect(stdout).toContain(`of ${run}: volume ${run}-data; remedy: npx recipe-ci end ${run}`);
  expect(await recipeCi("end", run)).toMatchObject({ code: 0, stdout: `removed volume ${run}-data\n` });
  expect((await recipeCi("doctor")).stdout).not.toContain(run);
  expect((await recipeCi("end", run)).code).toBe(2);
});

test("an app that is kept is told with a line that reaches it, and with the command that ends it", async () => {
  const swarm = await testSwarmWithImages();
  const folder = await gitFolder({
    "compose.yml": SERVING,
    ".env.sample": "TYPE=kept\nDOMAIN=kept.example.com\n",
  });
  const before = await inventory(swarm);
  const { stderr, stdout } = await recipeCi("run", "kept", "--source", folder, "--keep", "1", "--json");
  const { run, domain = "" } = resultOf({ stdout, stderr });
  expect(stderr).toContain(`its domain  ${domain}`);
  const line = present(/^ {2}to ask it {3}(.+)$/m.exec(stderr)?.[1], "the line");
  const asked = await exec(["sh", "-c", line]);
  expect(asked).toMatch(/^HTTP\/1\.1 200 OK/);
  expect(asked).toContain("it is kept");
  const end = present(/to end it {3}npx recipe-ci (.+)$/m.exec(stderr)?.[1], "the command");
  expect((await recipeCi(...end.split(" "))).stdout).toBe(`removed run ${run}\n`);
  expect(changesSince(before, await inventory(swarm))).toEqual(UNCHANGED);
});

test("a dead process's lock is told with what removes it; end removes the stack and its settings", async () => {
  const stack = unique("pr-end");
  const init = await recipeCi("pulumi", "stack", "init", stack, "--no-select", "--non-interactive");
  expect(init.code, init.stderr).toBe(0);
  await recipeCi("pulumi", "config", "set", "recipe", "custom-html", "-s", stack);
  const pid = await lockOfDead(stack);
  const told = `stack ${stack} is locked by process ${pid}, which is dead, since `;
  const up = await recipeCi("pulumi", "up", "-s", stack, "--yes", "--non-interactive");
  expect([up.code, up.stdout]).toEqual([3, ""]);
  expect(up.stderr).toMatch(new RegExp(`^error: ${told}.*\n {2}remedy: npx recipe-ci pulumi cancel -s ${stack},`));
  expect((await recipeCi("doctor")).stdout).toContain(told);
  const end = await recipeCi("end", stack);
  expect([end.code, end.stdout], end.stderr).toEqual([0, `removed stack ${stack}\n`]);
  expect(stacksInLocalState()).not.toContain(stack);
  expect(existsSync(stackFile(stack))).toBe(false);
});

test("the command that the error names does remove such a lock", async () => {
  const stack = unique("pr-cancel");
  await recipeCi("pulumi", "stack", "init", stack, "--no-select", "--non-interactive");
  await lockOfDead(stack);
  const cancel = await recipeCi("pulumi", "cancel", "-s", stack, "--yes", "--non-interactive");
  expect(cancel.code, cancel.stderr).toBe(0);
  const destroy = await recipeCi("pulumi", "destroy", "-s", stack, "--yes", "--non-interactive");
  expect(destroy.code, destroy.stdout + destroy.stderr).toBe(0);
  expect((await recipeCi("end", stack)).code).toBe(0);
});
