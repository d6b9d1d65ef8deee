import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { compiledProgram, type GoProgram } from "../../images/go-program.ts";
import { exec } from "../../lib/exec.ts";
import { scratchFolder } from "../fixtures/recipe-folder.ts";

const ARCHITECTURE = process.arch === "arm64" ? "aarch64" : "x86_64";

/** A small program whose version is told by the linker, as Gitea's is. */
const SMALL: GoProgram = {
  name: "mkcert",
  module: "filippo.io/mkcert",
  version: "v1.4.4",
  sum: "h1:8eVbbwfVlaqUM7OwuftKc2nuYOoTDQWqsoXmzoXZdbc=",
  tags: ["netgo", "osusergo"],
  versionVariable: "main.Version",
  added: { "added.go": 'package main\n\nfunc init() { println("added") }\n' },
};

/** Whether an ELF file of 64 bits has to be loaded by a program that it names (PT_INTERP), as what is linked dynamically. */
function namesLoader(elf: Buffer): boolean {
  const [start, size, count] = [Number(elf.readBigUInt64LE(32)), elf.readUInt16LE(54), elf.readUInt16LE(56)];
  return Array.from({ length: count }, (_, at) => elf.readUInt32LE(start + at * size)).includes(3);
}

let home: string;
beforeEach(async () => {
  home = await scratchFolder();
  vi.stubEnv("RECIPE_CI_HOME", home);
  return () => vi.unstubAllEnvs();
});

// Wants a C compiler, as nothing else that `npm test` tries.
const PROOF = { skip: !process.env.RECIPE_CI_PROOF };

test("a program is compiled once, runs by itself, and has its version and what was added", PROOF, async () => {
  const { content, mode } = await compiledProgram(SMALL, ARCHITECTURE);
  const path = join(home, "mkcert");
  await writeFile(path, content, { mode });
  expect(await exec(["sh", "-c", `${path} -version 2>&1`])).toBe("added\n1.4.4\n");
  expect(await exec(["go", "version", "-m", path])).toContain("-tags=netgo,osusergo");
  expect(namesLoader(Buffer.from(content))).toBe(false);
  vi.stubEnv("PATH", "/nowhere");
  expect((await compiledProgram(SMALL, ARCHITECTURE)).content).toEqual(content);
  expect(await readdir(join(home, "images"))).toEqual([expect.stringMatching(/^mkcert-v1\.4\.4-\w{8}$/)]);
});

test("a module with another hash, or for another architecture, is not compiled", async () => {
  const other = compiledProgram({ ...SMALL, sum: "h1:another" }, ARCHITECTURE);
  await expect(other).rejects.toThrow(`has the hash ${SMALL.sum}, and not h1:another`);
  await expect(compiledProgram(SMALL, "riscv64")).rejects.toThrow("the node has riscv64");
  expect(await readdir(join(home, "images"))).toEqual([]);
});
