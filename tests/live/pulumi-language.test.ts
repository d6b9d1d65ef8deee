import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gone, TestProject } from "./pulumi-project.ts";

/** A program that writes its pid and then waits for ever, and a child of it that does the same and ignores SIGINT. */
const WAITING = `
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
const child = spawn("/bin/sh", ["-c", "trap '' INT; while :; do sleep 1; done"]);
writeFileSync("pids", JSON.stringify([process.pid, child.pid]));
await new Promise((resolve) => setTimeout(resolve, 3_600_000));
`;

describe("the Node language host", () => {
  let project: TestProject;

  beforeAll(async () => {
    project = await TestProject.create("");
  });

  afterAll(() => project[Symbol.asyncDispose]());

  test("configuration, secrets and the run's settings reach the program, output reaches the user", async () => {
    await project.write(`
      import * as pulumi from "@pulumi/pulumi";
      const config = new pulumi.Config();
      console.log("to standard output");
      console.error("to standard error");
      export const plain = config.require("plain");
      export const token = config.requireSecret("token");
      export const nested = config.requireObject("nested");
      export const settings = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack(), pulumi.runtime.isDryRun(), process.env.PULUMI_NODEJS_PARALLEL];
    `);
    await project.succeed("config", "set", "plain", "a: b");
    await project.succeed("config", "set", "--secret", "token", "geheim-4711");
    await project.succeed("config", "set", "--path", "nested.list[0]", "x");
    const { code, text } = await project.up("--parallel", "3");
    expect(code, text).toBe(0);
    expect(text).toContain("to standard output");
    expect(text).toContain("to standard error");
    expect(text).not.toContain("geheim-4711");
    expect(text).not.toMatch(/warning/i);
    expect(await project.succeed("stack", "output")).toMatch(/token\s+\[secret\]/);
    expect(JSON.parse((await project.pulumi(["stack", "output", "--json", "--show-secrets"])).stdout)).toMatchObject({
      plain: "a: b",
      token: "geheim-4711",
      nested: { list: ["x"] },
      settings: ["organization", "engine-test", "dev", false, "3"],
    });
  });

  test("a preview is a dry run", async () => {
    await project.write(`
      import * as pulumi from "@pulumi/pulumi";
      console.log("dry run: " + pulumi.runtime.isDryRun());
    `);
    expect(await project.succeed("preview")).toContain("dry run: true");
  });

  test("a program that throws shows its message once and fails", async () => {
    await project.write(`throw new Error("the program's own complaint");`);
    const { code, text } = await project.up();
    expect(code).not.toBe(0);
    const diagnostics = text.slice(text.indexOf("Diagnostics:"));
    expect(diagnostics.match(/the program's own complaint/g)).toHaveLength(1);
    expect(diagnostics).not.toContain("exit code");
  });

  test("a program that ends with another code fails with that code", async () => {
    await project.write("process.exit(9);");
    const { code, text } = await project.up();
    expect(code).not.toBe(0);
    expect(text).toContain("the program ended with exit code 9");
  });

  test("SIGINT to the CLI ends the program, what it started, and the CLI", async () => {
    await using project = await TestProject.create(WAITING);
    const { cli, closed, pids, text } = await project.startUp("pids");
    cli.kill("SIGINT");
    const [code] = await closed;
    expect(code).not.toBe(0);
    expect(text()).toContain("update canceled");
    await gone(pids);
  });

  test("a CLI that is killed takes the program with it", async () => {
    await using project = await TestProject.create(WAITING);
    const { cli, closed, pids } = await project.startUp("pids");
    cli.kill("SIGKILL");
    await closed;
    await gone(pids);
  });

  test("nodeargs reach Node; unknown and ill-typed runtime options are refused by name", async () => {
    const program = "export const args = process.execArgv;";
    await project.write(program, `{ typescript: false, nodeargs: "--stack-trace-limit=7" }`);
    expect(await project.outputs()).toEqual({ args: ["--stack-trace-limit=7"] });
    await project.write(program, "{ typescript: false, turbo: true }");
    expect((await project.up()).text).toContain('runtime option "turbo" is not supported');
    await project.write(program, "{ typescript: no-idea }");
    expect((await project.up()).text).toContain('runtime option "typescript" must be a boolean');
  });

  test("refresh and destroy work without running the program", async () => {
    await project.write("throw new Error('must not run');");
    await project.succeed("refresh", "--yes", "--skip-preview");
    await project.succeed("destroy", "--yes", "--skip-preview");
  });

  test("`about` names this Node, `plugin ls --project` the plugins that the program's SDKs need", async () => {
    await project.write("export {};");
    const about = await project.succeed("about");
    expect(about).toContain(process.versions.node);
    const plugins = await project.succeed("plugin", "ls", "--project");
    for (const plugin of [/docker\s+resource\s+5\.2\.0/, /command\s+resource\s+1\.2\.1/])
      expect(plugins).toMatch(plugin);
  });
});
