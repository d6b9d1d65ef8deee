// `npm run proof`: what is too long for every change. Each mutant of the code must make its test fail, and matrices of
// which `npm test` tries a sample are tried whole. Needs a local node that is up. Ends with code 1 when one part fails.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { typescriptNode, withoutNode } from "../lib/launch.js";
import { PARTS } from "./proof-parts.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const node = typescriptNode();
if (!node) {
  console.error(withoutNode());
  process.exit(3);
}

const env = { ...process.env, RECIPE_CI_PROOF: "1" };
const failed = PARTS.filter(([, args]) => spawnSync(node, args, { cwd: root, env, stdio: "inherit" }).status !== 0);
for (const [title] of failed) console.log(`FAILED: ${title}`);
console.log(`${PARTS.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
