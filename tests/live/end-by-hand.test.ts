import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inLocalState, stacksInLocalState } from "../../pulumi/local-state.ts";
import { stackFile } from "../../pulumi/stack-file.ts";
import { RUN_LABEL } from "../../swarm/run-label.ts";
import { recipeCi } from "./cli.ts";
import { testSwarm } from "./swarm-fixture.ts";

const TIMEOUT = 120_000;
const unique = (prefix: string) => `${prefix}-${randomBytes(3).toString("hex")}`;

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

test("what a lost run left on the node is named by doctor and removed by end", { timeout: TIMEOUT }, async () => {
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

test("a dead process's lock is told with what removes it; end removes the stack and its settings", {
  timeout: TIMEOUT,
}, async () => {
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

test("the command that the error names does remove such a lock", { timeout: TIMEOUT }, async () => {
  const stack = unique("pr-cancel");
  await recipeCi("pulumi", "stack", "init", stack, "--no-select", "--non-interactive");
  await lockOfDead(stack);
  const cancel = await recipeCi("pulumi", "cancel", "-s", stack, "--yes", "--non-interactive");
  expect(cancel.code, cancel.stderr).toBe(0);
  const destroy = await recipeCi("pulumi", "destroy", "-s", stack, "--yes", "--non-interactive");
  expect(destroy.code, destroy.stdout + destroy.stderr).toBe(0);
  expect((await recipeCi("end", stack)).code).toBe(0);
});
