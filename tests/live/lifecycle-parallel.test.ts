import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { home } from "../../lib/home.ts";
import { projectPath } from "../../lib/project.ts";
import { until } from "../../lib/until.ts";
import type { RunResult } from "../../lifecycle/result.ts";
import type { Swarm } from "../../swarm/client.ts";
import { inventory } from "../../swarm/inventory.ts";
import { removeByRun } from "../../swarm/remove-by-run.ts";
import { writeFiles } from "../fixtures/recipe-folder.ts";
import type { ParallelRun } from "./parallel-run.ts";
import { IMAGE, testSwarmWithImages } from "./swarm-fixture.ts";

const SAMPLE = "TYPE=x\nDOMAIN=wiki.example.org\nLETS_ENCRYPT_ENV=production\n";
const HEALTH = "healthcheck: {test: [CMD, wget, -q, -O, /dev/null, http://127.0.0.1/], interval: 1s, retries: 20}";

/** A service that answers, in compose's words; its router's rule is the one of the sample's fixed domain. */
function serving(name: string, more = "", networks = "proxy"): string {
  return `  ${name}:
    image: ${IMAGE}
    command: [sh, -c, "mkdir -p /www; echo up >/www/index.html; exec httpd -f -p 80 -h /www"]
    ${HEALTH}
    networks: [${networks}]
    deploy:
      labels:
        - "traefik.enable=true"
        - "traefik.http.routers.\${STACK_NAME}.rule=Host(\`\${DOMAIN}\`)"
        - "traefik.http.services.\${STACK_NAME}.loadbalancer.server.port=80"
        - "coop-cloud.\${STACK_NAME}.version=1.0.0+1"
${more}`;
}

const PROXY = "networks:\n  proxy: {external: true}\n";

/** Four small recipes; all that two runs of one could meet in has a fixed name. */
const RECIPES = {
  plain: { "compose.yml": `version: "3.8"\nservices:\n${serving("app")}${PROXY}` },
  volume: {
    "compose.yml": `version: "3.8"\nservices:\n${serving("app", "    volumes: [data:/data]\n", "proxy, backend")}
volumes: {data: {name: wiki-data}}
${PROXY}  backend: {name: backend}
`,
  },
  secret: {
    "compose.yml": `version: "3.8"\nservices:\n${serving("app", "    secrets: [token]\n")}  db:
    image: ${IMAGE}
    command: [sleep, "1000"]
    stop_grace_period: 1s
${PROXY}secrets: {token: {external: true, name: "\${STACK_NAME}_token_\${SECRET_TOKEN_VERSION}"}}
`,
    ".env.sample": `${SAMPLE}SECRET_TOKEN_VERSION=v1\n`,
  },
  crasher: {
    "compose.yml": `version: "3.8"\nservices:\n${serving("app").replace(/command: .*/, 'command: [sh, -c, "echo cannot start >&2; exit 1"]')}${PROXY}`,
  },
} satisfies Record<string, Record<string, string>>;

/** What is made in a home by the first who needs it, and the one repository of each recipe. */
const MADE_ONCE = /^(?:locks\/|passphrase|durations\.json|git\/.*|state\/\.pulumi\/meta\.yaml(?:\.attrs)?)$/;

type RecipeName = keyof typeof RECIPES;

let swarm: Swarm;
let root: string;
const runs: string[] = [];

beforeAll(async () => {
  swarm = await testSwarmWithImages();
  // A home of its own, on the disk of the engine it borrows, so that all that changes in it is these runs'.
  root = await mkdtemp(join(dirname(home()), "recipe-ci-parallel-"));
  await cp(home("engine"), join(root, "home", "engine"), { recursive: true, verbatimSymlinks: true });
  await cp(home("pulumi", "plugins"), join(root, "home", "pulumi", "plugins"), { recursive: true });
});

afterAll(async () => {
  for (const run of runs) await removeByRun(swarm, run);
  if (root) await rm(root, { recursive: true, force: true });
});

/**
 * What is begun at once, beside one of `volume` that is killed; the other two come after them. Two of each kind take
 * their time: `npm run proof`.
 */
const AT_ONCE: RecipeName[] = process.env.RECIPE_CI_PROOF
  ? ["plain", "plain", "volume", "secret", "secret", "volume", "crasher"]
  : ["volume", "crasher"];

test("runs at once, one that crashes and one that is killed, do no harm to each other, nor to those that follow", async () => {
  await mkdir(join(root, "home", "runs"), { recursive: true });
  const atFirst = await files();
  const doomed = await start("volume");
  const started = await Promise.all(AT_ONCE.map(start));
  await serviceOf(doomed.run);
  doomed.child.kill("SIGKILL");
  const results = await Promise.all(started.map(({ result }) => result));

  for (const result of results) {
    const crashes = result.recipe === "crasher";
    expect({ ...shown(result), verdict: result.verdict }).toEqual({
      recipe: result.recipe,
      verdict: crashes ? "fail" : "pass",
      failed: crashes ? ["install.converged"] : [],
      left: [],
      lost: [],
    });
    const judged = result.phases.at(-1)?.checks.find(({ name }) => name === "destroy.neighbours");
    expect(judged).toMatchObject({ summary: expect.stringContaining("not judged: what bears no label") });
  }
  for (const key of ["run", "domain", "namespace"] as const)
    expect(new Set(results.map((one) => one[key])).size).toBe(AT_ONCE.length);
  expect(await ofRuns()).not.toEqual([]);

  // The next run takes away what the killed one left, and one after it finds nothing more to do.
  const afterThem = await files();
  const [first, second] = [await (await start("plain")).result, await (await start("secret")).result];
  expect([first, second].map(({ verdict }) => verdict)).toEqual(["pass", "pass"]);
  expect(await ofRuns()).toEqual([]);
  const after = await files();
  expect(after.filter((path) => !afterThem.includes(path) && !MADE_ONCE.test(path))).toEqual([]);
  // Nor did they leave anything but what the first use of a home or a recipe makes.
  const came = after.filter((path) => !atFirst.includes(path) && !isFolder(path));
  expect(came.filter((file) => !MADE_ONCE.test(file))).toEqual([]);
  expect(atFirst.filter((path) => !after.includes(path))).toEqual([]);
  const repositories = after.filter((path) => /^git\/[^/]+\.git\/$/.test(path));
  expect(repositories).toHaveLength(Object.keys(RECIPES).length);
  expect(after.filter((file) => file.includes("run-parallel"))).toEqual([]);
  expect((await readdir(join(root, "home", "runs"))).sort()).toEqual([...runs].sort());
});

function shown({ recipe, phases, ledger: { left, lost } }: RunResult) {
  const failed = phases.flatMap(({ checks }) => checks).filter(({ status }) => status === "failed");
  return { recipe, failed: failed.map(({ name }) => name), left, lost };
}

/** Starts a run in a process of its own. */
async function start(recipe: RecipeName) {
  const folder = await writeFiles({ ".env.sample": SAMPLE, ...RECIPES[recipe] }, join(root, "recipes", recipe));
  const run = `run-parallel-${recipe}-${randomBytes(3).toString("hex")}`;
  runs.push(run);
  const asked: ParallelRun = { run, recipe, folder, dockerHost: swarm.host };
  const child = spawn(process.execPath, [projectPath("tests/live/parallel-run.ts"), JSON.stringify(asked)], {
    env: { ...process.env, RECIPE_CI_HOME: join(root, "home"), TMPDIR: tmpdir() },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { out: "", err: "" };
  child.stdout.on("data", (piece: Buffer) => {
    output.out += piece.toString();
  });
  child.stderr.on("data", (piece: Buffer) => {
    output.err += piece.toString();
  });
  const result = once(child, "close").then(() => {
    if (!output.out) throw new Error(`${run} gave no result:\n${output.err}`);
    return JSON.parse(output.out) as RunResult;
  });
  result.catch(() => undefined);
  return { run, child, result };
}

async function serviceOf(run: string): Promise<void> {
  await until(
    async () => {
      const { entries } = await inventory(swarm);
      const there = entries.some((entry) => entry.kind === "service" && entry.run === run);
      return there ? { done: true, value: undefined } : { done: false, reason: "it has no service yet" };
    },
    { what: `${run} deploys`, deadline: "120 s" },
  );
}

/** What any of these runs has on the node. */
async function ofRuns(): Promise<string[]> {
  const { entries } = await inventory(swarm);
  return entries.flatMap(({ kind, name, run }) => (run && runs.includes(run) ? [`${kind} ${name}`] : []));
}

/**
 * Every file and folder (with a `/` at its end) of the home but run folders, and code that Node compiled: that grows
 * with programs, not runs.
 */
async function files(): Promise<string[]> {
  const top = join(root, "home");
  const all = await readdir(top, { recursive: true, withFileTypes: true });
  const paths = all.map(
    (entry) => join(relative(top, entry.parentPath), entry.name) + (entry.isDirectory() ? "/" : ""),
  );
  return paths.filter((path) => !/^(?:runs|engine\/node-compile-cache)\//.test(path)).sort();
}

function isFolder(path: string): boolean {
  return path.endsWith("/");
}
