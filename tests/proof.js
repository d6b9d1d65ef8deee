// `npm run proof`: what is too long for every change. Each mutant of the code must make its test fail, and pulumi up
// is killed at eight moments of each phase, and every fault of a node is tried in every phase. Needs a local node that is up. Ends with code 1 when one part fails.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { typescriptNode, withoutNode } from "../lib/launch.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const node = typescriptNode();
if (!node) {
  console.error(withoutNode());
  process.exit(3);
}

const PARTS = [
  ["every mutant is killed", ["tests/mutants/run.ts"]],
  [
    "no fault of the node is charged to a recipe",
    ["node_modules/vitest/vitest.mjs", "run", "tests/live/faults.test.ts"],
  ],
  [
    "every recipe is deployed as docker stack deploy does it",
    ["node_modules/vitest/vitest.mjs", "run", "tests/live/differential.test.ts"],
  ],
  [
    "what goes wrong with a node at Hetzner is got over or told, and leaves nothing",
    ["node_modules/vitest/vitest.mjs", "run", "tests/hetzner/node-faults.test.ts"],
  ],
  ["states lie in S3 or Postgres as well", ["node_modules/vitest/vitest.mjs", "run", "tests/live/state-store.test.ts"]],
  ["pulumi up may be killed at any moment", ["node_modules/vitest/vitest.mjs", "run", "tests/live/hand-guard.test.ts"]],
];

const env = { ...process.env, RECIPE_CI_PROOF: "1" };
const failed = PARTS.filter(([, args]) => spawnSync(node, args, { cwd: root, env, stdio: "inherit" }).status !== 0);
for (const [title] of failed) console.log(`FAILED: ${title}`);
console.log(`${PARTS.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
