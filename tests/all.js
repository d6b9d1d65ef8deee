// `npm test`: format, lint, types, then every test against the real engine and the real node. A live test that
// cannot run fails. The last line says how many passed and failed.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);
const node = join(root, "node_modules/.bin/node");
const env = { ...process.env, PATH: `${join(root, "node_modules/.bin")}:${process.env.PATH}` };
const run = (command, args, options = {}) =>
  spawnSync(command, args, { stdio: "inherit", env, ...options }).status === 0;
const recipeCi = (...args) => run(node, ["cli/main.ts", ...args]);

const counts = { passed: 0, failed: 0 };
const step = (name, ok) => {
  counts[ok ? "passed" : "failed"]++;
  if (!ok) console.log(`FAILED: ${name}`);
  return ok;
};

step("format and lint", run("biome", ["check", "--error-on-warnings", "."]));
step("types", run("tsc", ["--noEmit"]));

const chromium = () => existsSync(process.env.CHROMIUM_PATH ?? "/usr/bin/chromium");
if (!chromium() && process.getuid?.() === 0) {
  console.log("installing Debian's chromium and openssh-server, which only tests need");
  run("apt-get", ["update", "-qq"]);
  const packages = ["chromium", "openssh-server"];
  // The package would start a server of its own on this machine: tests start theirs.
  run("apt-get", ["install", "-qq", "-y", "--no-install-recommends", ...packages], {
    env: { ...env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

const wasUp = existsSync(
  join(
    process.env.RECIPE_CI_HOME ??
      join(process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? "/root", ".cache"), "recipe-ci"),
    "machines/local/run/docker.sock",
  ),
);
const up = step(
  "local node up",
  recipeCi("pulumi", "up", "-s", "local", "--yes", "--skip-preview", "--non-interactive"),
);

const report = join(tmpdir(), `recipe-ci-tests-${process.pid}.json`);
const vitest = [
  "node_modules/vitest/vitest.mjs",
  "run",
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${report}`,
];
const finished = run(node, vitest);
try {
  const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(report, "utf8"));
  counts.passed += numPassedTests;
  counts.failed += numFailedTests + (numFailedTests === 0 ? numFailedTestSuites : 0);
  if (!finished && counts.failed === 0) step("vitest ended well", false);
} catch {
  step("vitest wrote its results", false);
}
rmSync(report, { force: true });

if (up && !wasUp)
  step("local node down", recipeCi("pulumi", "destroy", "-s", "local", "--yes", "--skip-preview", "--non-interactive"));
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;
