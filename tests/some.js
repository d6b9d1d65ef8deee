// `npm run test:quick` and `npm run test:unit`: the tests of some projects of vitest.config.ts, which need no engine.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { typescriptNode, withoutNode } from "../lib/launch.js";

const node = typescriptNode();
if (!node) {
  console.error(withoutNode());
  process.exit(3);
}
const root = fileURLToPath(new URL("..", import.meta.url));
const projects = process.argv.slice(2).flatMap((name) => ["--project", name]);
const argv = ["node_modules/vitest/vitest.mjs", "run", ...projects];
process.exitCode = spawnSync(node, argv, { cwd: root, stdio: "inherit" }).status ?? 1;
