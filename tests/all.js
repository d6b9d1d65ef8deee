// `npm test`: format, lint, types, then every test against the real engine and the real node. A live test that
// cannot run fails. The last line says how many passed and failed. Ctrl-C ends them, and what they made goes.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { handOver } from "../lib/hand-over.js";
import { typescriptNode, withoutNode } from "../lib/launch.js";
import { failuresOf, secondTriesOf } from "./failures.js";
import { OF_TESTS } from "./host-programs.js";
import { minutesOf, seconds } from "./minutes.js";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);
const node = typescriptNode();
if (!node) {
  console.error(withoutNode());
  process.exit(3);
}
const modules = join(root, "node_modules");
const env = { ...process.env, PATH: `${join(modules, ".bin")}:${process.env.PATH}` };
let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => (interrupted = true));

const run = async (...args) => (await handOver(node, args, env)) === 0;
/** Two programs on one terminal would each redraw their own last lines. */
const piped = async (...args) => (await handOver(node, args, env, { through: true })) === 0;
const recipeCi = (...args) => run("cli/main.ts", ...args);

const counts = { passed: 0, failed: 0 };
const judge = (name, ok) => {
  counts[ok ? "passed" : "failed"]++;
  if (!ok) console.log(`FAILED: ${name}`);
  return ok;
};
/** What took its time, one line each. */
const minutes = [];
/** What a busy host disturbed, one line each. */
const secondTries = [];
const step = async (name, work) => {
  if (interrupted) return false;
  const begun = performance.now();
  const ok = judge(name, await work());
  minutes.push(`${name}: ${seconds(performance.now() - begun)}`);
  return ok;
};

await step("format and lint", () =>
  run(join(modules, "@biomejs/biome/bin/biome"), "check", "--error-on-warnings", "."),
);
// One processor's work, beside a node that mostly waits for its machine.
const types = step("types", () => piped(join(modules, "typescript/bin/tsc"), "--noEmit"));

const missing = OF_TESTS.filter(({ variable, path }) => !existsSync(process.env[variable] ?? path));
if (missing.length > 0) await step(`programs that tests need: ${missing.map(({ name }) => name).join(", ")}`, install);

// The node may be up already, made when this host still had them.
if (process.getuid?.() === 0) await step("programs of a local node", () => run("machine/main.ts", "requirements"));

const wasUp = existsSync(
  join(
    process.env.RECIPE_CI_HOME ??
      join(process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? "/root", ".cache"), "recipe-ci"),
    "machines/local/run/docker.sock",
  ),
);
const QUIETLY = ["-s", "local", "--yes", "--skip-preview", "--non-interactive"];
const begun = !interrupted;
const up = await step("local node up", () => recipeCi("pulumi", "up", ...QUIETLY));
if (up) await step("images that tests use", () => run("tests/ready-images.ts"));

await types;
if (!interrupted) await runTests();
// A killed test takes away nothing. Tests that ended have.
if (interrupted) judge("what the tests made is gone", await run("tests/sweep.ts"));
if (!wasUp && (up || (begun && interrupted))) judge("local node down", await recipeCi("pulumi", "destroy", ...QUIETLY));
for (const line of [...minutes, ...secondTries]) console.log(line);
console.log(`${interrupted ? "interrupted: " : ""}${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = interrupted ? 130 : counts.failed === 0 ? 0 : 1;

/**
 * Tests that judge the whole host can't go on beside a node of another test, but well beside tests that need none: they
 * mostly wait, and those others keep the processors busy.
 */
async function runTests() {
  const results = await Promise.all([beside("unit", "programs", "hetzner"), beside("alone")]);
  if (!interrupted) results.push(await testsOf(run, "live"));
  minutes.push(...minutesOf({ testResults: results.flat() }, root));
}

function beside(...projects) {
  return testsOf(piped, ...projects);
}

/**
 * Runs the tests of some projects of vitest.config.ts, counts them, and gives what vitest says of each file. One that
 * fails is tried once more: the engine itself stumbles now and then on a host that is busy for an hour.
 */
async function testsOf(start, ...projects) {
  const report = join(tmpdir(), `recipe-ci-tests-${process.pid}-${projects[0]}.json`);
  const options = ["--retry=1", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const chosen = projects.flatMap((name) => ["--project", name]);
  const finished = await start("node_modules/vitest/vitest.mjs", "run", ...chosen, ...options);
  try {
    const results = JSON.parse(readFileSync(report, "utf8"));
    const failed = failuresOf(results);
    counts.passed += results.numPassedTests;
    counts.failed += failed;
    secondTries.push(...secondTriesOf(results));
    if (!finished && failed === 0) judge(`vitest ended well: ${projects.join(", ")}`, false);
    return results.testResults;
  } catch {
    judge(`vitest wrote its results: ${projects.join(", ")}`, false);
    return [];
  } finally {
    rmSync(report, { force: true });
  }
}

/** Installs what is missing, by Debian's packages; says why where it can't. */
function install() {
  const packages = missing.map((program) => program.package);
  const given = missing.find(({ variable }) => process.env[variable]);
  if (given) return refuse(`${given.variable} names no program: ${process.env[given.variable]}`);
  const byHand = `install ${packages.join(" ")}, or name the programs: ${missing.map(({ variable }) => variable).join(", ")}`;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return refuse(byHand);
  console.log(`installing ${packages.join(" ")}, which only tests need`);
  return withoutServices(() => {
    const settings = { env: { ...env, DEBIAN_FRONTEND: "noninteractive" }, stdio: ["ignore", "ignore", "inherit"] };
    const apt = (...args) => spawnSync("apt-get", args, settings).status === 0;
    apt("update", "-qq");
    const done = apt("install", "-qq", "-y", "--no-install-recommends", ...packages);
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
