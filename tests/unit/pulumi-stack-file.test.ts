import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterEach, expect, test } from "vitest";
import { projectPath } from "../../lib/project.ts";
import { refusePlain, stackFile } from "../../pulumi/stack-file.ts";

const stack = `unit-plain-${process.pid}`;
const own = stackFile(stack);
/** What the project would give the stack. */
const shipped = projectPath(`Pulumi.${stack}.yaml`);

afterEach(() => {
  for (const file of [own, shipped]) rmSync(file, { force: true });
});

function writeSettings(file: string, lines: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `config:\n${lines}`);
}

test.each([
  ["recipe-ci:registryLogins: '{}'", own],
  ["registryLogins: '{}'", own],
  ["recipe-ci:registryLogins: '{}'", shipped],
  ["recipe-ci:registryLogins:\n    auths: {}", own],
])("what opens something is refused where everybody may read it: %s", (line, file) => {
  writeSettings(file, `  ${line}\n`);
  expect(() => refusePlain(stack, "registryLogins")).toThrow("is no secret");
});

test.each([
  "recipe-ci:registryLogins:\n    secure: v1:abc:def",
  "recipe-ci:mirror: none",
  "other:registryLogins: '{}'",
])("what is a secret, or another setting, is not: %s", (line) => {
  writeSettings(own, `  ${line}\n`);
  expect(() => refusePlain(stack, "registryLogins")).not.toThrow();
});
