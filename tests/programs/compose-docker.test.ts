import { chmod, symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { abraStackConfig, stackConfig } from "../../compose/docker-cli/stack-config.ts";
import { readComposeFiles } from "../../compose/files/compose-file.ts";
import { describe, InfraError } from "../../lib/errors.ts";
import { dockerCli } from "../../machine/docker-cli.ts";
import { loadFiles, loadService } from "../fixtures/app.ts";
import { writeFiles } from "../fixtures/recipe-folder.ts";

const HEAD = 'version: "3.8"\n';
const APP = `${HEAD}services:\n  app:\n    image: wiki:1.0\n`;
const EMPTY = `${HEAD}services: {app: {}}\n`;

const refusal = (files: Record<string, string>) => loadFiles(files).then(() => "loaded", describe);

/** What becomes of `compose.yml` when the Docker CLI is this shell script. */
async function withDocker(script: string, compose = APP): Promise<unknown> {
  const checkout = await writeFiles({ "compose.yml": compose, "fake/docker": `#!/bin/sh\n${script}\n` });
  await chmod(join(checkout, "fake/docker"), 0o755);
  const files = await readComposeFiles(checkout, {});
  return stackConfig({ checkout, files, env: {}, dockerCli: [join(checkout, "fake/docker")] }).catch(describe);
}

test.each([
  "/etc/passwd",
  "[/etc/passwd]",
  "../x.env",
  "a/../../x.env",
  '"a\\0b"',
  '""',
  "link.env",
  "folder/x.env",
  "{path: /etc/passwd}",
  "[{path: x.env, required: false}]",
  "3",
  "no.env",
])("env_file: %s is refused before docker/cli opens it", async (value) => {
  const checkout = await writeFiles({ "compose.yml": `${APP}    env_file: ${value}\n`, "x.env": "A=1\n" });
  await symlink("/etc/hostname", join(checkout, "link.env"));
  await symlink("/etc", join(checkout, "folder"));
  const files = await readComposeFiles(checkout, {});
  const reading = stackConfig({ checkout, files, env: {}, dockerCli: ["/no/docker/runs"] });
  await expect(reading.catch(describe)).resolves.toMatch(/^compose\.yml:5 services\.app\.env_file: /);
});

test("an env_file is looked for where docker/cli does: in the folder of the first file", async () => {
  const overlay = `${HEAD}services: {app: {env_file: [./x.env]}}\n`;
  const files = { "compose.yml": APP, "sub/overlay.yml": overlay, "x.env": "A=root\n", "sub/x.env": "A=sub\n" };
  const order = (...paths: string[]) => ({ ...files, ".env.sample": `COMPOSE_FILE=${paths.join(":")}\n` });
  const [first, last] = [
    await loadFiles(order("sub/overlay.yml", "compose.yml")),
    await loadFiles(order("compose.yml", "sub/overlay.yml")),
  ];
  expect(first.services[0]?.env.A).toBe("sub");
  expect(last.services[0]?.env.A).toBe("root");
  await expect(refusal({ ...order("sub/overlay.yml", "compose.yml"), "sub/x.env": " B C=1\n" })).resolves.toMatch(
    "sub/x.env:1: has white space in a name",
  );
  // What would be below that folder if it were relative.
  const absolute = { "sub/overlay.yml": overlay.replace("./x.env", "/etc/hostname"), "sub/etc/hostname": "A=1\n" };
  await expect(refusal({ ...order("sub/overlay.yml", "compose.yml"), ...absolute })).resolves.toMatch(
    'env_file: "/etc/hostname" is no path within the recipe',
  );
});

test("a line of an env_file that docker/cli would show is told by its number, without what it says", async () => {
  const bad = "# c\n\n OK=a b\nthe secret\n=secret\nGODEBUG\nBARE\n";
  const shown = await refusal({ "compose.yml": `${APP}    env_file: x.env\n`, "x.env": bad });
  expect(shown.match(/x\.env:\d+/g)).toEqual(["x.env:4", "x.env:5", "x.env:6"]);
  expect(shown).not.toContain("secret");
});

test("an env_file that docker/cli opened and nobody saw has no way out", async () => {
  const opened =
    "cat <<END\nservices: {app: {image: x, env_file: [/etc/shadow], environment: {root: top-secret}}}\nEND";
  await expect(withDocker(opened)).resolves.toBe(
    "compose.yml services.app.env_file: docker/cli reads this otherwise than it is written\n  remedy: write the file in plain YAML",
  );
  for (const words of [
    "invalid env file (/etc/shadow): variable 'top secret' contains whitespaces",
    "open /root/secret: permission denied",
  ]) {
    await expect(withDocker(`echo "${words}" >&2; exit 1`)).resolves.toBe(
      "compose.yml: docker/cli can't read an env_file",
    );
  }
});

test("a path of a compose file is one path, whatever is in it", async () => {
  const overlay = `${HEAD}services: {app: {environment: {A: "1"}}}\n`;
  for (const path of ["a,/etc/hostname", 'q"u,o"te.yml', "-", "--help"]) {
    const spec = await loadFiles({
      "compose.yml": APP,
      [path]: path === "-" ? APP : overlay,
      ".env.sample": `COMPOSE_FILE='compose.yml:${path}'\n`,
    });
    expect(spec.services[0]?.env.A).toBe(path === "-" ? undefined : "1");
  }
});

test("what docker/cli refuses is told of every file, with the line it is on", async () => {
  await expect(
    refusal({
      ".env.sample": "COMPOSE_FILE=compose.yml:b.yml:sub/c.yml:sub/fine.yml:d.yml\n",
      "compose.yml": `${APP}    imagine: 1\n`,
      "b.yml": `${HEAD}services:\n  app:\n    env_file: x.env\n    healthcheck:\n      interval: soon\n`,
      "sub/c.yml": `${HEAD}services:\n  app:\n    env_file: x.env\n    ports:\n      - "80:80"\n      - target: web\n`,
      "d.yml": `${HEAD}configs:\n  c:\n    content: x\n`,
      "sub/fine.yml": `${HEAD}services:\n  app:\n    env_file: x.env\n`,
      "x.env": "A=1\n",
    }).then((text) => text.match(/^[\w./]+:\d+:/gm)),
  ).resolves.toEqual(["compose.yml:5:", "b.yml:6:", "sub/c.yml:7:", "d.yml:4:"]);
  await expect(
    refusal({ ".env.sample": "COMPOSE_FILE=compose.yml:b.yml\n", "compose.yml": APP, "b.yml": 'version: "3.9"\n' }),
  ).resolves.toBe(
    "compose.yml + b.yml: version mismatched between two composefiles : 3.8 and 3.9\n  remedy: write the same version: in all of them",
  );
});

test("all that can be told before docker/cli runs is told at once, and then of every service", async () => {
  const first = await refusal({
    ".env.sample": "COMPOSE_FILE=compose.yml:b.yml:no.yml\n",
    "compose.yml": `${APP}    hostname: \${A:?x}\n    user: \${B?y}\n    mem_limit: 1g\n    env_file: /etc/passwd\n    working_dir: $LD_PRELOAD\n`,
    "b.yml": "services: [\n",
  });
  for (const told of ["variable A", "variable B", "mem_limit", "env_file", "LD_PRELOAD", "b.yml:2", '"no.yml"']) {
    expect(first).toContain(told);
  }
  const services = "  b:\n    user: x\n  c:\n    image: x\n    volumes: [gone:/x]\n";
  const second = await refusal({ "compose.yml": `${APP}    networks: [gone]\n${services}` });
  expect(second.match(/compose\.yml:\d+ services\.\w+/g)).toEqual([
    "compose.yml:5 services.app",
    "compose.yml:6 services.b",
    "compose.yml:10 services.c",
  ]);
});

test("a line of .env.sample that is no assignment hides nothing that is wrong with compose.yml", async () => {
  const shown = await refusal({ ".env.sample": "nonsense\n", "compose.yml": `${APP}    mem_limit: 1g\n` });
  expect(shown).toMatch(/^\.env\.sample:1: .*\n {2}remedy: .*\ncompose\.yml:5 services\.app\.mem_limit: is forbidden/);
});

test("variables that could steer the Docker CLI never reach it, and yet the services that name them", async () => {
  const env = {
    LD_PRELOAD: "./x.so",
    GODEBUG: "inittrace=1",
    GOMEMLIMIT: "nonsense",
    DOCKER_API_VERSION: "1.0",
    DOCKER_BUILDKIT: "nonsense",
    DOCKER_CUSTOM_HEADERS: "x",
    DOCKER_CLI_OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
  };
  const names = Object.keys(env);
  const service = `environment: [${names.join(", ")}, "LD_LIBRARY_PATH=/own"]`;
  const spec = await loadService(
    service,
    `  db:\n    image: x\n    environment: [GODEBUG, "GOMEMLIMIT=", "LD_PRELOAD=own"]\n`,
    env,
  );
  expect(spec.services[0]?.env).toMatchObject({ ...env, LD_LIBRARY_PATH: "/own" });
  expect(spec.services[1]?.env).toEqual({ GODEBUG: "inittrace=1", GOMEMLIMIT: "nonsense", LD_PRELOAD: "own" });
  expect(spec.warnings).toEqual([]);
  for (const name of names) {
    await expect(loadService(`hostname: \${${name}:-x}`, "", env).catch(describe)).resolves.toMatch(
      new RegExp(`compose\\.yml:5: variable ${name} can't be used.*\n.*${name} alone under environment:`),
    );
  }
});

test("other variables that sound like it are put in as any", async () => {
  const env = { MALLOC_ARENA_MAX: "2", OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1", GOGC: "50", DEBUG: "1" };
  const names = Object.keys(env);
  const list = names.flatMap((name) => [name, `"MY_${name}=\${${name}:-}"`]);
  const spec = await loadService("", `  db:\n    image: x\n    environment: [${list.join(", ")}]\n`, env);
  const mine = Object.fromEntries(Object.entries(env).map(([name, value]) => [`MY_${name}`, value]));
  expect(spec.services[1]?.env).toEqual({ ...env, ...mine });
});

test.each([
  [
    `healthcheck: {test: [CMD, x], start_period: '\${SP:-30s}'}`,
    "services.app.healthcheck.start_period Does not match format 'duration'",
  ],
  [`deploy: {replicas: '\${R:-2}'}`, "services.app.deploy.replicas must be a integer"],
  [`configs: [{source: c, mode: '\${M:-0444}'}]`, "services.app.configs.0.mode must be a number"],
  ["entrypoint: []", "services.app.entrypoint must be a string"],
])("abra can't make an app with %s", async (service, words) => {
  const shown = await refusal({ "compose.yml": `${APP}    ${service}\n` });
  expect(shown).toMatch(/^compose\.yml:5: abra can't make the app: without variables put in, docker\/cli says: /);
  expect(shown).toContain(words);
});

test("abra can't make an app with a port that is a variable", async () => {
  const shown = await refusal({ "compose.yml": `${APP}    ports: ['\${P:-80}:80']\n` });
  // Docker CLI 26 passes the schema and then takes the text for an address; it does not say of which service.
  expect(shown).toMatch(
    /^compose\.yml(?::5)?: abra can't make the app: .* docker\/cli says: .*(?:services\.app\.ports\.0 Does not match format 'ports'|error decoding 'Ports': Invalid ip address)/,
  );
});

test("what docker/cli refuses with variables as well is told once, as it is", async () => {
  await expect(refusal({ "compose.yml": `${APP}    imagine: 1\n` })).resolves.toBe(
    "compose.yml:5: services.app Additional property imagine is not allowed\n  remedy: correct the key, or take it out",
  );
});

test.each([
  ["hostname: a$1", 5, "compose.yml", "write $$ for a $ that docker is to leave alone"],
  ["stop_grace_period: 5", 5, "compose.yml", "write e.g. 30s"],
  ["stop_grace_period: soon", 5, "compose.yml", "write e.g. 30s or 1m30s"],
  ["deploy: {replicas: many}", 5, "compose.yml", "write a whole number"],
  ['ports: ["a:b"]', 5, "compose.yml", 'write e.g. "8080:80"'],
  ["user: x\n    volumes: [':/data']", 6, "compose.yml services.app.volumes.0", "write NAME:/path, or /folder:/path"],
  [
    "deploy: {resources: {limits: {memory: 1Q}}}",
    5,
    "compose.yml services.app.deploy.resources.limits.memory",
    "write e.g. 512M or 2G",
  ],
])("what docker/cli says of %s has a place and a remedy", async (service, line, place, remedy) => {
  const text = await refusal({ "compose.yml": `${APP}    ${service}\n` });
  expect(text.startsWith(place.replace("compose.yml", `compose.yml:${line}`))).toBe(true);
  expect(text.split("\n").at(-1)).toBe(`  remedy: ${remedy}`);
});

test.each([
  [
    "too long a file",
    { "compose.yml": `${APP}#${"x".repeat(70_000)}\n` },
    /"compose\.yml" has \d+ bytes, more than 65536/,
  ],
  [
    "too long files together",
    {
      ".env.sample": "COMPOSE_FILE=compose.yml:b.yml:b.yml\n",
      "compose.yml": APP,
      "b.yml": `${EMPTY}#${"x".repeat(40_000)}\n`,
    },
    /\.env\.sample:1 COMPOSE_FILE: the compose files have more than 65536 bytes together/,
  ],
  [
    "too many files",
    { ".env.sample": `COMPOSE_FILE=${"compose.yml:".repeat(101)}\n`, "compose.yml": APP },
    /COMPOSE_FILE: names 101 files, more than 100/,
  ],
  [
    "a long text repeated by aliases",
    {
      "compose.yml": `x-a: &a "${"x".repeat(20_000)}"\n${APP}    labels:\n${Array.from({ length: 60 }, (_, index) => `      l${index}: *a\n`).join("")}`,
    },
    /compose\.yml: more than 262144 bytes once/,
  ],
])("%s is refused in words", async (_, files: Record<string, string>, message) => {
  await expect(refusal(files)).resolves.toMatch(message);
});

test.each<[string, string, Record<string, string>, RegExp]>([
  [
    "many services",
    Array.from({ length: 1000 }, (_, index) => `  s${index}: {image: x}\n`).join(""),
    {},
    /^compose\.yml:2: 1001 services, more than 1000$/m,
  ],
  ["many ports", '    ports: ["1-60000:1-60000"]\n', {}, /^compose\.yml:5 services\.app\.ports: more than 10000 ports/],
  ["many ports by a variable", '    ports: ["$R:$R"]\n', { R: "1-60000" }, /^compose\.yml:5 services\.app\.ports: /],
  [
    "a long value often",
    `    hostname: ${"$B".repeat(30)}\n`,
    { B: "x".repeat(50_000) },
    /^compose\.yml: more than 262144/,
  ],
])("%s are told before docker/cli takes memory for them", async (_, service, env, message) => {
  const checkout = await writeFiles({ "compose.yml": `${APP}${service}` });
  const files = await readComposeFiles(checkout, {});
  const reading = stackConfig({ checkout, files, env, dockerCli: ["/no/docker/runs"] });
  await expect(reading.catch(describe)).resolves.toMatch(message);
});

test("what aliases stand for counts in all files together", async () => {
  const list = `x-a: &a [${"b, ".repeat(99)}]\nx-c: [${"*a, ".repeat(110)}]\n`;
  const checkout = await writeFiles({ "compose.yml": `${APP}${list}`, "b.yml": `${HEAD}${list}` });
  const [first, second] = await readComposeFiles(checkout, { COMPOSE_FILE: "compose.yml:b.yml" });
  if (!first || !second) throw new TypeError("both files are there");
  const options = { checkout, env: {}, dockerCli: await dockerCli() };
  await expect(stackConfig({ ...options, files: [first] })).resolves.toMatchObject({ warnings: [] });
  await expect(stackConfig({ ...options, files: [first, second] }).catch(describe)).resolves.toBe(
    "compose.yml + b.yml: more than 20000 keys and values, aliases followed\n  remedy: repeat less by aliases, and leave overlays out",
  );
});

test("a Docker CLI that breaks says why, not where in its code", async () => {
  const broken =
    'printf "panic: no such thing\\n\\ngoroutine 1 [running]:\\nmain.main()\\n\\t/src/main.go:1 +0x1d\\n" >&2; exit 2';
  await expect(withDocker(broken)).resolves.toBe("compose.yml: docker/cli breaks: panic: no such thing");
  await expect(withDocker("exit 3")).resolves.toBe("compose.yml: docker stack config ended with code 3");
});

test("a Docker CLI that is not there is nobody's mistake", async () => {
  const checkout = await writeFiles({ "compose.yml": APP });
  const files = await readComposeFiles(checkout, {});
  const reading = abraStackConfig({ checkout, files, env: {}, dockerCli: ["no-such-docker"] });
  await expect(reading).rejects.toThrow(InfraError);
});
