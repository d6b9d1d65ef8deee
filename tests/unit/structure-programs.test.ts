import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { projectPath } from "../../lib/project.ts";
import { BARE_HOST, IF_THERE, OF_A_NODE } from "../host-programs.js";

const KNOWN = [...BARE_HOST, ...OF_A_NODE, ...IF_THERE];

/** Functions that run a program of the host. Methods of the same name run it elsewhere, mostly in a container. */
const RUNS = [
  /(?<![.\w])(?:spawn|spawnSync|execFile|execFileSync|execSync)\(\s*"([^"]+)"/g,
  /(?<![.\w])(?:exec|run|hostExec|hostSucceeds)\(\s*\[\s*"([^"]+)"/g,
  /\bhostStep\(\s*(?:"[^"]*"|`[^`]*`),\s*\[\s*"([^"]+)"/g,
  // A Docker CLI that is given by name is the host's, of whatever version.
  /(?<![\w\]])\[\s*"(docker)"\s*(?:\]|,\s*(?:"-|\.\.\.))/g,
];

function programsIn(text: string): string[] {
  return RUNS.flatMap((pattern) => [...text.matchAll(pattern)].map(([, program]) => program ?? ""));
}

function sources(folder = ""): string[] {
  return readdirSync(projectPath(folder), { withFileTypes: true }).flatMap((entry) => {
    const { name } = entry;
    if (name === "node_modules" || name === ".git") return [];
    const path = folder ? `${folder}/${name}` : name;
    return entry.isDirectory() ? sources(path) : /\.[jt]s$/.test(name) ? [path] : [];
  });
}

describe("programs of the host", () => {
  it("are run only where somebody sees to it that they are there", () => {
    const files = sources();
    expect(files.length).toBeGreaterThan(300);
    const strange = files
      .filter((file) => file !== "tests/unit/structure-programs.test.ts")
      .flatMap((file) =>
        programsIn(readFileSync(projectPath(file), "utf8"))
          .filter((program) => !program.startsWith("/") && !KNOWN.includes(program))
          .map((program) => `${file} runs ${program}`),
      );
    expect(strange).toEqual([]);
  });
});

describe("this rule", () => {
  it.each([
    ['exec(["docker", "--host", host])', ["docker", "docker"]],
    ['await run(\n  [\n    "curl", "-s"])', ["curl"]],
    ['spawnSync("python3", [])', ["python3"]],
    ['hostStep("make it", ["iptables"])', ["iptables"]],
    ['inspect(node as Node["docker"])', []],
    ['load({ dockerCli: ["docker"] })', ["docker"]],
    ['const plugins = ["docker", "command"]', []],
    ['helper.exec(["restic", "init"]); /x/.exec("text")', []],
  ])("sees in %j", (text, programs) => {
    expect(programsIn(text)).toEqual(programs);
  });
});
