// `npm test`: format, lint, types, then every test against the real engine and the real node. A live test that
// cannot run fails. The last line says how many passed and failed.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { typescriptNode, withoutNode } from "../lib/launch.js";
import { OF_TESTS } from "./host-programs.js";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);
const node = typescriptNode();
if (!node) {
  console.error(withoutNode());
  process.exit(3);
}
const modules = join(root, "node_modules");
const env = { ...process.env, PATH: `${join(modules, ".bin")}:${process.env.PATH}` };
const run = (command, args, options = {}) =>
  spawnSync(command, args, { stdio: "inherit", env, ...options }).status === 0;
const recipeCi = (...args) => run(node, ["cli/main.ts", ...args]);

const counts = { passed: 0, failed: 0 };
const step = (name, ok) => {
  counts[ok ? "passed" : "failed"]++;
  if (!ok) console.log(`FAILED: ${name}`);
  return ok;
};

step("format and lint", run(node, [join(modules, "@biomejs/biome/bin/biome"), "check", "--error-on-warnings", "."]));
step("types", run(node, [join(modules, "typescript/bin/tsc"), "--noEmit"]));

const missing = OF_TESTS.filter(({ variable, path }) => !existsSync(process.env[variable] ?? path));
if (missing.length > 0) step(`programs that tests need: ${missing.map(({ name }) => name).join(", ")}`, install());

// The node may be up already, made when this host still had them.
if (process.getuid?.() === 0) step("programs of a local node", run(node, ["machine/main.ts", "requirements"]));

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

/** Installs what is missing, by Debian's packages; says why where it can't. */
function install() {
  const packages = missing.map((program) => program.package);
  const given = missing.find(({ variable }) => process.env[variable]);
  if (given) return refuse(`${given.variable} names no program: ${process.env[given.variable]}`);
  const byHand = `install ${packages.join(" ")}, or name the programs: ${missing.map(({ variable }) => variable).join(", ")}`;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return refuse(byHand);
  console.log(`installing ${packages.join(" ")}, which only tests need`);
  return withoutServices(() => {
    const apt = { env: { ...env, DEBIAN_FRONTEND: "noninteractive" }, stdio: ["ignore", "ignore", "inherit"] };
    run("apt-get", ["update", "-qq"], apt);
    const done = run("apt-get", ["install", "-qq", "-y", "--no-install-recommends", ...packages], apt);
    return done || refuse(`apt-get can't: ${byHand}`);
  });
}

/** A package would start a server of its own on this machine; tests start theirs. */
function withoutServices(work) {
  const policy = "/usr/sbin/policy-rc.d";
  if (existsSync(policy)) return work();
  writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    return work();
  } finally {
    rmSync(policy);
  }
}

function refuse(why) {
  console.log(why);
  return false;
}
