import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gone, resourceIn, TestProject } from "./pulumi-project.ts";

const program = (body: string) => `
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
const config = new pulumi.Config();
const run = (name: string, args: any, options = {}) => new command.local.Command(name, args, options);
${body}
`;

const TOKEN = "geheim-4711";
const COUNT = 9;

/** Commands of every kind, all in one stack, since each update starts four programs. */
const commands = (version: "a" | "b") => {
  const update = `update: 'echo "after <$PULUMI_COMMAND_STDOUT> <\${PULUMI_COMMAND_STDERR-unset}>"'`;
  const changing = `create: "echo first", ${update}, environment: { VERSION: "${version}" }`;
  return program(`
    const given = run("given", {
      interpreter: ["/bin/sh", "-eu", "-c"],
      create: 'cat; echo " $GREETING from $PWD"; echo oops >&2',
      stdin: "given", environment: { GREETING: "hello" }, dir: "/usr",
    });
    export const stdout = given.stdout;
    export const stderr = given.stderr;
    run("counted", { create: "echo ran >> counted.log" });
    export const updated = run("updated", { ${changing} }).stdout;
    export const forgetful = run("forgetful", { ${changing}, addPreviousOutputInEnv: false }).stdout;
    run("replaced", {
      create: "echo create ${version} >> replaced.log", delete: "echo delete ${version} >> replaced.log",
      triggers: ["${version}"],
    });
    export const hidden = run("hidden", { create: "cat", stdin: config.requireSecret("token"), logging: "none" }).stdout;
    export const open = run("open", { create: "echo visible" }).stdout;
    run("logged", { create: "echo line-out; echo line-err >&2", logging: "stderr" });
    export const left = run("left", { create: "sleep 300 & echo $!" }).stdout;
  `);
};

describe("command:local:Command", () => {
  let project: TestProject;
  const log = (name: string) => readFile(join(project.directory, `${name}.log`), "utf8");

  beforeAll(async () => {
    project = await TestProject.create(commands("a"));
    await project.succeed("config", "set", "--secret", "token", TOKEN);
  });

  afterAll(() => project[Symbol.asyncDispose]());

  test("nothing runs in a preview", async () => {
    expect(await project.succeed("preview")).toContain("to create");
    await expect(log("counted")).rejects.toThrow(/ENOENT/);
  });

  describe("is created", () => {
    let said: string;
    let outputs: Record<string, unknown>;

    beforeAll(async () => {
      said = await project.succeed("up", "--yes", "--skip-preview");
      outputs = await project.lastOutputs();
    });

    test("with stdin, environment, dir and interpreter, and gives back both streams", () => {
      expect(outputs).toMatchObject({ stdout: "given hello from /usr", stderr: "oops" });
    });

    test("with secret inputs, which make the printed output secret, in the state too; public ones do not", async () => {
      expect(outputs).toMatchObject({ hidden: TOKEN, open: "visible" });
      expect(await project.succeed("stack", "output")).toMatch(/hidden\s+\[secret\]/);
      expect(await project.state()).not.toContain(TOKEN);
    });

    test("and its output is shown line by line at the resource, as `logging` says", () => {
      expect(said).toContain("line-err");
      expect(said).not.toContain("line-out");
      expect(said).not.toContain(TOKEN);
    });

    test("and a child that it leaves with its pipes open does not hang the update", () => {
      process.kill(Number(outputs.left));
    });
  });

  test("nothing runs again without a change, though the state has fields of another provider version", async () => {
    const state = JSON.parse(await project.state());
    const { inputs, outputs } = resourceIn(JSON.stringify(state), "updated");
    const other = {
      inputs: { ...inputs, __defaults: [], later: "x" },
      outputs: { ...outputs, assets: {}, later: { deep: [1] } },
    };
    for (const resource of state.deployment.resources)
      if (resource.urn.endsWith("::updated")) Object.assign(resource, other);
    const imported = await project.pulumi(["stack", "import"], { input: JSON.stringify(state) });
    expect(imported.code, imported.stderr).toBe(0);
    expect((await project.up()).text).toContain(`${COUNT + 1} unchanged`);
    expect(await log("counted")).toBe("ran\n");
  });

  test("a changed input updates in place and sees what the last command printed, a changed trigger replaces", async () => {
    const ids = (state: string) => ["updated", "replaced"].map((name) => resourceIn(state, name).id);
    const [updated, replaced] = ids(await project.state());
    await project.write(commands("b"));
    const { code, text } = await project.up();
    expect(code, text).toBe(0);
    expect(text).toContain("2 updated");
    expect(text).toContain("1 replaced");
    expect(await project.lastOutputs()).toMatchObject({
      updated: "after <first> <unset>",
      forgetful: "after <> <unset>",
    });
    const [stayed, other] = ids(await project.state());
    expect(stayed).toBe(updated);
    expect(other).not.toBe(replaced);
  });

  test("is deleted: of what was replaced, the new one's create runs first, then the old one's delete", async () => {
    await project.succeed("destroy", "--yes", "--skip-preview");
    expect(await log("replaced")).toBe("create a\ncreate b\ndelete a\ndelete b\n");
  });
});

describe("command:local:Command that fails", () => {
  test("fails the resource with status and output, and without the secret; or as it takes too long", async () => {
    await using project = await TestProject.create(
      program(`
        const environment = { TOKEN: config.requireSecret("token") };
        run("failing", { create: 'echo "token is $TOKEN"; echo broken >&2; exit 7', environment });
        run("slow", { create: "sleep 300" }, { customTimeouts: { create: "1s" } });
      `),
    );
    await project.succeed("config", "set", "--secret", "token", TOKEN);
    const { code, text } = await project.up("--continue-on-error");
    expect(code).not.toBe(0);
    expect(text).toContain("exit status 7");
    expect(text).toContain("token is [secret]");
    expect(text).toContain("broken");
    expect(text).not.toContain(TOKEN);
    expect(text).toContain("not done within 1 s");

    await project.write(program(`run("ill", { create: "echo ran > ill.log", dir: 5, logging: "loud" });`));
    const refused = await project.up();
    expect(refused.code).not.toBe(0);
    expect(refused.text).toMatch(/dir must be a string/);
    expect(refused.text).toMatch(/logging must be one of/);
    await expect(readFile(join(project.directory, "ill.log"))).rejects.toThrow(/ENOENT/);
  });

  test("SIGINT to the CLI ends the command and what it started", async () => {
    const create = 'sleep 300 & echo "[$$, $!]" > pids.new; mv pids.new pids; wait';
    await using project = await TestProject.create(program(`run("one", { create: ${JSON.stringify(create)} });`));
    const { cli, closed, pids } = await project.startUp("pids");
    cli.kill("SIGINT");
    const [code] = await closed;
    expect(code).not.toBe(0);
    await gone(pids);
  });
});
