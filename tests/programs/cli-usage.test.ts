import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { EXIT } from "../../cli/exit.ts";
import { projectPath } from "../../lib/project.ts";
import { toolVersion } from "../../report/tool-version.ts";
import { passingRun } from "../fixtures/passing-run.ts";
import { recipeCi } from "../live/cli.ts";

const STACK_TRACE = /^\s+at .+:\d+:\d+\)?$/m;
let homeFolder: string;

beforeAll(async () => {
  homeFolder = await mkdtemp(join(tmpdir(), "recipe-ci-cli-"));
  vi.stubEnv("RECIPE_CI_HOME", homeFolder);
  // Most of a start is compiling the SDKs.
  vi.stubEnv("NODE_COMPILE_CACHE", projectPath("node_modules/.cache/node-compile"));
  return async () => {
    vi.unstubAllEnvs();
    await rm(homeFolder, { recursive: true, force: true });
  };
});

describe.concurrent("help", () => {
  test("names every command and the exit codes", async () => {
    const { code, stdout, stderr } = await recipeCi("--help");
    expect([code, stderr]).toEqual([EXIT.pass, ""]);
    for (const command of ["run", "plan", "render", "lint", "runs", "show", "end", "prune", "doctor", "pulumi"]) {
      expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, "m"));
    }
    expect(stdout).toContain("Exit codes: 0 pass, 1 the recipe failed, 2 usage or bad input, 3 infra or blocked, 4");
  });

  test.each([
    ["run", ["[recipe]", "--all", "--source <place>", "--ref <ref>", "--keep <minutes>", "--json"]],
    ["plan", ["<recipe>", "--source <place>", "--ref <ref>", "--json"]],
    ["render", ["<recipe>", "--source <place>", "--ref <ref>", "commit to render", "--json", "--against <ref>"]],
    ["lint", ["<recipe>", "--source <place>", "--ref <ref>", "commit to look at", "--json", "--sarif <file>"]],
    ["runs", ["--json"]],
    ["show", ["[run]", "--json"]],
    ["end", ["<run>"]],
    ["prune", ["--dry-run", "--json"]],
    ["doctor", ["--json"]],
  ])("of %s names its arguments and options, and changes nothing", async (command, parts) => {
    const { code, stdout } = await recipeCi(command, "--help");
    expect(code).toBe(EXIT.pass);
    for (const part of parts) expect(stdout).toContain(part);
  });

  test("is what a call without anything shows, as a mistake", async () => {
    const { code, stderr } = await recipeCi();
    expect(code).toBe(EXIT.usage);
    expect(stderr).toContain("Usage: recipe-ci");
  });

  test("the version is that of the package", async () => {
    expect(await recipeCi("--version")).toMatchObject({ code: EXIT.pass, stdout: `${toolVersion()}\n` });
  });
});

describe.concurrent("a mistake on the command line", () => {
  const hint = "--help shows what there is";
  test.each<[string, string[], (string | RegExp)[]]>([
    ["an unknown command", ["instal"], ["unknown command 'instal'", hint]],
    ["an unknown option", ["--nonsense"], ["unknown option '--nonsense'", hint]],
    ["an unknown option of a command", ["run", "wiki", "--nonsense"], ["unknown option '--nonsense'", hint]],
    ["a missing recipe", ["plan"], ["missing required argument 'recipe'", hint]],
    ["neither a recipe nor all of them", ["run"], ["no recipe is named", "--all"]],
    ["too much", ["run", "wiki", "another"], ["too many arguments", hint]],
    ["an option without its value", ["run", "wiki", "--ref"], ["option '--ref <ref>' argument missing", hint]],
    [
      "--keep that is no number",
      ["run", "wiki", "--keep", "soon"],
      ["'--keep <minutes>'", "a whole number of minutes"],
    ],
    ["--keep of nothing", ["run", "wiki", "--keep", "0"], ["'--keep <minutes>'", "from 1 to 10080"]],
    ["--keep of more than a week", ["run", "wiki", "--keep", "10081"], ["'--keep <minutes>'", "a week"]],
    [
      "an unknown recipe to run",
      ["run", "unheard-of"],
      [/nothing says where recipe "unheard-of" is\n {2}remedy: .*--source/],
    ],
    ["an unknown recipe to plan", ["plan", "unheard-of"], [/nothing says where .*\n {2}remedy: /]],
    ["a recipe that is a path", ["plan", "../wiki"], [/"\.\.\/wiki" is no recipe name\n {2}remedy: /]],
    ["a source that is no repository", ["plan", "wiki", "--source", "/nonexistent"], ["/nonexistent is no folder"]],
    ["an unknown run to show", ["show", "run-x"], ['run "run-x" has no result', "remedy: npx recipe-ci runs"]],
    ["no run to show", ["show"], ["no run has a result yet", "remedy: npx recipe-ci runs"]],
    ["an unknown run to end", ["end", "run-x"], ['there is no run "run-x"', "remedy: npx recipe-ci runs"]],
    ["a run that is a path", ["end", "../../etc"], ['there is no run "../../etc"', "remedy: npx recipe-ci runs"]],
  ])("%s ends with code 2 and says what to do", async (_, args, parts) => {
    const { code, stdout, stderr } = await recipeCi(...args);
    expect([code, stdout]).toEqual([EXIT.usage, ""]);
    for (const part of parts) expect(stderr).toMatch(part);
    expect(stderr).toMatch(/^error: /);
    expect(stderr).not.toMatch(STACK_TRACE);
  });
});

describe("runs of the past", () => {
  async function keep(name: string, over: object = {}, result: object = {}): Promise<void> {
    const folder = join(homeFolder, "runs", name);
    await mkdir(folder, { recursive: true });
    const owner = { pid: 2 ** 22 + 1, startTicks: 1, bootId: "another" };
    const state = { run: name, recipe: "wiki", owner, dockerHost: "unix:///x", startedAt: "2026-01-01T00:00:00Z" };
    await writeFile(join(folder, "state.json"), JSON.stringify({ ...state, ...over }));
    await writeFile(join(folder, "result.json"), JSON.stringify({ ...passingRun, run: name, ...result }));
  }

  afterEach(() => rm(join(homeFolder, "runs"), { recursive: true, force: true }));

  test("none yet: the list says how to make one", async () => {
    expect(await recipeCi("runs")).toMatchObject({
      code: EXIT.pass,
      stdout: "no runs yet: npx recipe-ci run <recipe>\n",
    });
    expect(JSON.parse((await recipeCi("runs", "--json")).stdout)).toEqual([]);
  });

  test("are listed, newest first, with what came of them; the newest is shown", async () => {
    await keep("old", { finishedAt: "2026-01-01T00:01:00Z" }, { verdict: "fail" });
    await keep("new", { startedAt: "2026-01-02T00:00:00Z", finishedAt: "2026-01-02T00:01:00Z" });
    const { stdout } = await recipeCi("runs");
    expect(stdout).toMatch(/^2026-01-02T\S+ +pass +wiki +new\n2026-01-01T\S+ +fail +wiki +old\n$/);
    expect((await recipeCi("show", "--json")).stdout).toContain('"run": "new"');
    expect((await recipeCi("show", "old")).stdout).toContain("old");
  });

  test("what no run needs is shown by prune --dry-run, and taken away by prune", async () => {
    const spare = join(homeFolder, "work", "run-unknown");
    await mkdir(spare, { recursive: true });
    const pruned = async (...flags: string[]) => {
      const { code, stdout } = await recipeCi("prune", "--json", ...flags);
      expect(code).toBe(EXIT.pass);
      const all: { name: string; removed: { name: string }[] }[] = JSON.parse(stdout);
      return all.find(({ name }) => name === "work folders")?.removed.map(({ name }) => name);
    };
    expect(await pruned("--dry-run")).toEqual(["run-unknown"]);
    expect((await stat(spare)).isDirectory()).toBe(true);
    expect(await pruned()).toEqual(["run-unknown"]);
    expect(await pruned()).toEqual([]);
    expect((await recipeCi("prune")).stdout).toMatch(
      /^work folders +0 B {2}\(bound: those of runs\) {2}nothing to do$/m,
    );
  });

  test("one that was kept and not ended is kept", async () => {
    await keep("held", { keepUntil: "2999-01-01T00:00:00Z" });
    expect((await recipeCi("runs")).stdout).toMatch(/ kept /);
  });
});

test("an internal error has no stack trace either, unless one asks for it", async () => {
  vi.stubEnv("RECIPE_CI_HOME", "/dev/null/impossible");
  const { code, stderr } = await recipeCi("plan", "custom-html");
  expect(code).toBe(EXIT.infra);
  expect(stderr).toMatch(/^error: /);
  expect(stderr).not.toMatch(STACK_TRACE);
  vi.stubEnv("RECIPE_CI_DEBUG", "1");
  expect((await recipeCi("plan", "custom-html")).stderr).toMatch(STACK_TRACE);
});
