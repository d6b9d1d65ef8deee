#!/usr/bin/env node
// The one file that any Node since 12 can read: it hands over to a Node that runs TypeScript.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module from "node:module";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("main.ts", import.meta.url));
const bundled = fileURLToPath(new URL("../node_modules/.bin/node", import.meta.url));
const [major, minor] = process.versions.node.split(".").map(Number);
const runsTypeScript = major > 22 || (major === 22 && minor >= 18);

if (runsTypeScript) {
  // Most of a start is compiling the SDK: the second one is half as long.
  module.enableCompileCache?.();
  await import(main);
} else if (existsSync(bundled)) {
  const child = spawn(bundled, [main, ...process.argv.slice(2)], { stdio: "inherit" });
  // Ctrl-C reaches the child from the terminal; it decides when all is cleaned up.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
} else {
  console.error(`recipe-ci needs Node 22.18 or newer to run; this is ${process.version}.\n  remedy: run npm ci first`);
  process.exit(3);
}
