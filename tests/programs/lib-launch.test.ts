import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { run } from "../../lib/exec.ts";
import { typescriptNode, withoutNode } from "../../lib/launch.js";
import { projectPath } from "../../lib/project.ts";

/** Stands for a Node that does not run TypeScript: this one, told not to. */
const OLD = ["--no-experimental-strip-types"];
const BUNDLED = `node-${process.platform}-${process.arch}`;

let checkout: string;

/** A checkout with a launcher, and a program that says which Node runs it with what. */
beforeEach(async () => {
  checkout = await mkdtemp(join(tmpdir(), "recipe-ci-launch-"));
  await mkdir(join(checkout, "node_modules"));
  await mkdir(join(checkout, "cli"));
  await cp(projectPath("lib"), join(checkout, "lib"), { recursive: true });
  await cp(projectPath("cli/recipe-ci.js"), join(checkout, "cli/recipe-ci.js"));
  await writeFile(join(checkout, "package.json"), '{ "type": "module" }\n');
  const program =
    "const args: string[] = process.argv.slice(2);\nconsole.log(process.execPath, ...args);\nprocess.exitCode = 5;\n";
  await writeFile(join(checkout, "cli/main.ts"), program);
});

afterEach(() => rm(checkout, { recursive: true }));

function launch(nodeArgs: string[]) {
  return run([process.execPath, ...nodeArgs, join(checkout, "cli/recipe-ci.js"), "run", "a b"]);
}

describe("the launcher", () => {
  it("runs the program itself where its Node runs TypeScript", async () => {
    const { code, stdout } = await launch([]);
    expect({ code, stdout }).toEqual({ code: 5, stdout: `${process.execPath} run a b\n` });
  });

  it("hands over to the Node in node_modules where it does not", async () => {
    await symlink(projectPath(`node_modules/${BUNDLED}`), join(checkout, "node_modules", BUNDLED));
    const { code, stdout } = await launch(OLD);
    expect(code).toBe(5);
    expect(stdout).toMatch(/node-\w+-\w+\/bin\/node run a b\n$/);
  });

  it("says in one line what to do where there is none", async () => {
    const { code, stdout, stderr } = await launch(OLD);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toBe(
      `error: Node ${process.version} does not run TypeScript; run \`npm ci\` (without --omit=optional), which installs one\n`,
    );
    expect(withoutNode("linux-riscv64")).toMatch(/there is none for linux-riscv64 .*: install Node 22\.18 or newer$/);
  });
});

describe("the Node in node_modules", () => {
  it("is installed without a script, and its checksum is known for every platform", async () => {
    const { packages } = JSON.parse(await readFile(projectPath("package-lock.json"), "utf8"));
    const names = Object.keys(JSON.parse(await readFile(projectPath("package.json"), "utf8")).optionalDependencies);
    expect(names.length).toBe(4);
    for (const name of names) {
      const { integrity, version, optional, hasInstallScript } = packages[`node_modules/${name}`];
      expect({ name, integrity, version, optional, hasInstallScript }).toEqual({
        name,
        integrity: expect.stringMatching(/^sha512-/),
        version: expect.stringMatching(/^24\./),
        optional: true,
        hasInstallScript: undefined,
      });
    }
  });

  it("is the one of this platform", async () => {
    const { stdout } = await promisify(execFile)(projectPath(`node_modules/${BUNDLED}/bin/node`), ["--version"]);
    expect(stdout).toMatch(/^v24\./);
    expect(typescriptNode("linux-riscv64")).toBe(process.execPath);
  });
});
