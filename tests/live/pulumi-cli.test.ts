import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectPath } from "../../lib/project.ts";
import { until } from "../../lib/until.ts";
import { gone, TestProject } from "./pulumi-project.ts";

/** Runs a process that calls `runPulumi` in the project's folder and ends with its exit code. */
function runCli(project: TestProject, args: string[]) {
  const code = `
    const { ensurePulumi } = await import(${JSON.stringify(projectPath("pulumi/locate.ts"))});
    const { runPulumi } = await import(${JSON.stringify(projectPath("pulumi/pulumi-cli.ts"))});
    process.exitCode = await runPulumi(${JSON.stringify(args)}, await ensurePulumi({ onProgress() {} }));
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
    cwd: project.directory,
    env: project.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece) => (text += piece));
  const closed = once(child, "close").then(([exitCode]) => ({ code: exitCode as number, text }));
  return { child, closed };
}

test("runPulumi gives the CLI's output and exit code", async () => {
  await using project = await TestProject.create("export {};");
  expect(await runCli(project, ["stack", "ls"]).closed).toMatchObject({
    code: 0,
    text: expect.stringContaining("dev"),
  });
  expect((await runCli(project, ["no-such-command"]).closed).code).not.toBe(0);
});

test("one SIGINT to runPulumi cancels the update gracefully", async () => {
  await using project = await TestProject.create(`
    import { writeFileSync } from "node:fs";
    writeFileSync("pids", JSON.stringify([process.pid]));
    await new Promise((resolve) => setTimeout(resolve, 3_600_000));
  `);
  const { child, closed } = runCli(project, ["up", "--yes", "--skip-preview", "--non-interactive"]);
  const pids = await until(
    async () => {
      const content = await readFile(join(project.directory, "pids"), "utf8").catch(() => "");
      return content ? { done: true, value: JSON.parse(content) as number[] } : { done: false, reason: "no pids" };
    },
    { what: "the program's start", deadline: "60 s" },
  );
  child.kill("SIGINT");
  const { code, text } = await closed;
  expect(code).not.toBe(0);
  expect(text).toContain("update canceled");
  expect(text).toContain("received; cancelling");
  expect(text).not.toContain("received; terminating");
  await gone(pids);
});
