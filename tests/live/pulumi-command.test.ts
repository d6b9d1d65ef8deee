import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { gone, TestProject } from "./pulumi-project.ts";

const program = (args: string, rest = "") => `
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
const config = new pulumi.Config();
const one = new command.local.Command("one", ${args});
export const stdout = one.stdout;
export const stderr = one.stderr;
${rest}
`;

describe("command:local:Command", () => {
  test("create gets stdin, environment, dir and interpreter, and gives back both streams", async () => {
    await using project = await TestProject.create(
      program(`{
        interpreter: ["/bin/sh", "-eu", "-c"],
        create: 'cat; echo " $GREETING from $PWD"; echo oops >&2',
        stdin: "given", environment: { GREETING: "hello" }, dir: "/usr",
      }`),
    );
    expect(await project.outputs()).toEqual({ stdout: "given hello from /usr", stderr: "oops" });
  });

  test("nothing runs in a preview, and nothing again without a change", async () => {
    await using project = await TestProject.create(program(`{ create: "echo ran >> log" }`));
    const preview = await project.succeed("preview");
    expect(preview).toContain("to create");
    await expect(readFile(join(project.directory, "log"))).rejects.toThrow(/ENOENT/);
    await project.outputs();
    expect((await project.up()).text).toContain("2 unchanged");
    expect(await readFile(join(project.directory, "log"), "utf8")).toBe("ran\n");
  });

  test("a changed input updates in place and the update sees what the last command printed", async () => {
    const update = `update: 'echo "after <$PULUMI_COMMAND_STDOUT> <\${PULUMI_COMMAND_STDERR-unset}>"'`;
    await using project = await TestProject.create(
      program(`{ create: "echo first", ${update}, environment: { N: "1" } }`),
    );
    await project.outputs();
    const { id } = await project.resource("one");
    await project.write(program(`{ create: "echo first", ${update}, environment: { N: "2" } }`));
    expect(await project.outputs()).toEqual({ stdout: "after <first> <unset>", stderr: "" });
    expect((await project.resource("one")).id).toBe(id);
    await project.write(program(`{ create: "echo first", ${update}, addPreviousOutputInEnv: false }`));
    expect(await project.outputs()).toMatchObject({ stdout: "after <> <unset>" });
  });

  test("a changed trigger replaces: create runs anew, then the old one's delete", async () => {
    const args = (trigger: string) =>
      program(
        `{ create: "echo create ${trigger} >> log", delete: "echo delete ${trigger} >> log", triggers: ["${trigger}"] }`,
      );
    await using project = await TestProject.create(args("a"));
    await project.outputs();
    const { id } = await project.resource("one");
    await project.write(args("b"));
    expect((await project.up()).text).toContain("1 replaced");
    expect((await project.resource("one")).id).not.toBe(id);
    await project.succeed("destroy", "--yes", "--skip-preview");
    expect(await readFile(join(project.directory, "log"), "utf8")).toBe("create a\ncreate b\ndelete a\ndelete b\n");
  });

  test("a failing command fails the resource with status and output, and without the secret", async () => {
    await using project = await TestProject.create(
      program(
        `{ create: 'echo "token is $TOKEN"; echo broken >&2; exit 7', environment: { TOKEN: config.requireSecret("token") } }`,
      ),
    );
    await project.succeed("config", "set", "--secret", "token", "geheim-4711");
    const { code, text } = await project.up();
    expect(code).not.toBe(0);
    expect(text).toContain("exit status 7");
    expect(text).toContain("token is [secret]");
    expect(text).toContain("broken");
    expect(text).not.toContain("geheim-4711");
  });

  test("secret inputs make the printed output secret, in the state too; public ones do not", async () => {
    const args = `{ create: "cat", stdin: config.requireSecret("token"), logging: "none" }`;
    const two = `export const open = new command.local.Command("open", { create: "echo visible" }).stdout;`;
    await using project = await TestProject.create(program(args, two));
    await project.succeed("config", "set", "--secret", "token", "geheim-4711");
    expect(await project.outputs()).toMatchObject({ stdout: "geheim-4711", open: "visible" });
    expect(await project.succeed("stack", "output")).toMatch(/stdout\s+\[secret\]/);
    expect(await project.state()).not.toContain("geheim-4711");
  });

  test("output is shown line by line at the resource, as `logging` says", async () => {
    const args = (logging: string) => program(`{ create: "echo line-out; echo line-err >&2", logging: "${logging}" }`);
    await using project = await TestProject.create(args("stderr"));
    const { text } = await project.up();
    expect(text).toContain("line-err");
    // The program's own outputs show the other stream; the log must not.
    expect(text.split("Outputs:")[0]).not.toContain("line-out");
  });

  test("an unknown or ill-typed input is refused by name before anything runs", async () => {
    await using project = await TestProject.create(
      program(`{ create: "true", dir: 5 as any, logging: "loud" as any }`),
    );
    const { code, text } = await project.up();
    expect(code).not.toBe(0);
    expect(text).toMatch(/dir must be a string/);
    expect(text).toMatch(/logging must be one of/);
  });

  test("a command that leaves a child with its pipes open does not hang the update", async () => {
    await using project = await TestProject.create(program(`{ create: "sleep 300 & echo started $!" }`));
    const { stdout } = await project.outputs();
    const pid = Number(/started (\d+)/.exec(String(stdout))?.[1]);
    process.kill(pid);
  });

  test("customTimeouts end a command that takes too long", async () => {
    await using project = await TestProject.create(
      program(`{ create: "sleep 300" }, { customTimeouts: { create: "1s" } }`),
    );
    const { code, text } = await project.up();
    expect(code).not.toBe(0);
    expect(text).toContain("not done within 1 s");
  });

  test("SIGINT to the CLI ends the command and what it started", async () => {
    const create = 'sleep 300 & echo "[$$, $!]" > pids.new; mv pids.new pids; wait';
    await using project = await TestProject.create(program(`{ create: ${JSON.stringify(create)} }`));
    const { cli, closed, pids } = await project.startUp("pids");
    cli.kill("SIGINT");
    const [code] = await closed;
    expect(code).not.toBe(0);
    await gone(pids);
  });

  test("a state with fields of another provider version is still updated and destroyed", async () => {
    await using project = await TestProject.create(program(`{ create: "echo one" }`));
    await project.outputs();
    const state = JSON.parse(await project.state());
    const { inputs, outputs } = state.deployment.resources.at(-1);
    Object.assign(inputs, { __defaults: [], later: "x" });
    Object.assign(outputs, { assets: {}, later: { deep: [1] } });
    const imported = await project.pulumi(["stack", "import"], { input: JSON.stringify(state) });
    expect(imported.code, imported.stderr).toBe(0);
    expect((await project.up()).text).toContain("2 unchanged");
    await project.write(program(`{ create: "echo two" }`));
    expect(await project.outputs()).toMatchObject({ stdout: "two" });
    await project.succeed("destroy", "--yes", "--skip-preview");
  });
});
