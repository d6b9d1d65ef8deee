import { symlink } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { loadApp } from "../../compose/load.ts";
import { describe, InfraError } from "../../lib/errors.ts";
import { dockerCli } from "../../machine/docker-cli.ts";
import { COMMIT, DOMAIN, loadFiles, loadService, NAMESPACE } from "../fixtures/app.ts";
import { writeFiles } from "../fixtures/recipe-folder.ts";

const APP = 'version: "3.8"\nservices:\n  app:\n    image: wiki:1.0\n';

const CONF = `a = "{{ env "DOMAIN" }}" $X \${Y}\r\n`;

test("the app gets every variable, abra.sh winning over overrides and those over the sample", async () => {
  const spec = await loadFiles(
    {
      ".env.sample": "TYPE=wiki\nDOMAIN=wiki.example.com\nA=sample\nB=sample\nC=sample\n",
      "abra.sh": "export C=shell\nexport CONF_VERSION=v3\n",
      "compose.yml": `${APP}    environment: [A, "OWN=1", "B=kept"]\n  db:\n    image: db\n`,
    },
    { B: "override", C: "override" },
  );
  const [app, db] = spec.services;
  expect(app?.env).toEqual({
    A: "sample",
    B: "kept",
    C: "shell",
    CONF_VERSION: "v3",
    DOMAIN,
    OWN: "1",
    STACK_NAME: NAMESPACE,
    TYPE: "wiki:01234567",
  });
  expect(db?.env).toEqual({});
});

test("labels are those abra and docker stack deploy would set", async () => {
  const spec = await loadService(
    `deploy:
  labels:
    - "coop-cloud.\${STACK_NAME}.version=1.2.0+1.0"
    - "coop-cloud.\${STACK_NAME}.timeout=120"
labels: [own=1]`,
  );
  const prefix = `coop-cloud.${NAMESPACE}`;
  expect(spec.services[0]?.labels).toEqual({
    "com.docker.stack.image": "wiki:1.0",
    "com.docker.stack.namespace": NAMESPACE,
    [`${prefix}.chaos`]: "false",
    [`${prefix}.recipe`]: "wiki",
    [`${prefix}.timeout`]: "120",
    [`${prefix}.version`]: "1.2.0+1.0",
  });
  expect(spec.services[0]?.containerLabels).toEqual({ "com.docker.stack.namespace": NAMESPACE, own: "1" });
  expect(spec).toMatchObject({ version: "1.2.0+1.0", timeoutSeconds: 120, domain: DOMAIN, namespace: NAMESPACE });
});

test("a recipe without a version label is deployed as its commit, and waits abra's 50 s", async () => {
  const spec = await loadService("");
  expect(spec.version).toBeUndefined();
  expect(spec.timeoutSeconds).toBe(50);
  expect(spec.services[0]?.labels[`coop-cloud.${NAMESPACE}.version`]).toBe("01234567");
});

test("COMPOSE_FILE picks the overlays, and they merge as docker/cli merges", async () => {
  const spec = await loadFiles({
    ".env.sample":
      'DOMAIN=wiki.example.com\nCOMPOSE_FILE="compose.yml"\nCOMPOSE_FILE="$COMPOSE_FILE:db/compose.db.yml"\n',
    "compose.yml": `${APP}    environment: {A: "1", B: "1"}\n`,
    "db/compose.db.yml": 'version: "3.8"\nservices:\n  app: {environment: ["B=2"]}\n  db: {image: "db:1"}\n',
  });
  expect(spec.services.map((service) => service.key)).toEqual(["app", "db"]);
  expect(spec.services[0]?.env).toMatchObject({ A: "1", B: "2" });
});

test("config bytes are those of the file, and a template driver is kept", async () => {
  const spec = await loadFiles({
    "abra.sh": "export CONF_VERSION=v2\n",
    "app.conf.tmpl": CONF,
    "compose.yml": `${APP}    configs: [{source: conf, target: /etc/app.conf, mode: 0555}]
configs:
  conf: {name: "\${STACK_NAME}_conf_\${CONF_VERSION}", file: app.conf.tmpl, template_driver: golang}
`,
  });
  expect(spec.configs).toEqual([
    {
      key: "conf",
      name: `${NAMESPACE}_conf_v2`,
      external: false,
      labels: { "com.docker.stack.namespace": NAMESPACE },
      data: Buffer.from(CONF).toString("base64"),
      file: "app.conf.tmpl",
      templateDriver: "golang",
      versionVariable: "CONF_VERSION",
    },
  ]);
  expect(spec.services[0]?.configs).toEqual([
    { key: "conf", name: `${NAMESPACE}_conf_v2`, file: "/etc/app.conf", uid: "0", gid: "0", mode: 0o555 },
  ]);
});

test.each<[string, Record<string, string>, RegExp]>([
  [
    "a compose file that is missing",
    { ".env.sample": "A=1\nCOMPOSE_FILE=compose.yml:no.yml\n", "compose.yml": APP },
    /\.env\.sample:2 COMPOSE_FILE: "no\.yml" is not in the recipe/,
  ],
  ["a compose file outside", { ".env.sample": "COMPOSE_FILE=../x.yml\n" }, /no path within the recipe/],
  ["no compose file at all", {}, /"compose\.yml" is not in the recipe/],
  ["bad YAML", { "compose.yml": `${APP}    labels: [\n` }, /compose\.yml:\d+: /],
  ["aliases that blow up", { "compose.yml": bomb() }, /compose\.yml: more than 20000 keys and values/],
  ["an unknown key", { "compose.yml": `${APP}    imagine: x\n` }, /compose\.yml:5: .*imagine/],
  [
    "a forbidden key",
    { "compose.yml": `${APP}    mem_limit: 1g\n` },
    /compose\.yml:5 services\.app\.mem_limit: is forbidden/,
  ],
  [
    "a required variable",
    { "compose.yml": `${APP}    hostname: \${H:?say who}\n` },
    /compose\.yml:5: variable H .*say who/,
  ],
  [
    "an undeclared volume",
    { "compose.yml": `${APP}    volumes: ["no:/x"]\n` },
    /services\.app\.volumes: volume "no" is not declared/,
  ],
  ["an undeclared network", { "compose.yml": `${APP}    networks: [gone]\n` }, /network "gone" is not declared/],
  ["no service app", { "compose.yml": 'version: "3.8"\nservices: {web: {image: x}}\n' }, /no service is named "app"/],
  [
    "a config file outside",
    { "compose.yml": `${APP}    configs: [c]\nconfigs: {c: {file: /etc/hostname}}\n` },
    /configs\.c: .*no path within/,
  ],
  [
    "an env_file outside",
    { "compose.yml": `${APP}    env_file: /etc/hostname\n` },
    /services\.app\.env_file: .*no path within/,
  ],
  ["an env_file by variable", { "compose.yml": `${APP}    env_file: ["\${DOMAIN}"]\n` }, /env_file: .*variables/],
  [
    "a variable of the loader",
    { ".env.sample": "LD_PRELOAD=./x.so\n", "compose.yml": `${APP}    hostname: $LD_PRELOAD\n` },
    /compose\.yml:5: variable LD_PRELOAD can't be used/,
  ],
  [
    "a config without version",
    {
      "x.conf": "",
      "abra.sh": 'export V="v1"\n',
      ".env.sample": "V=\n",
      "compose.yml": `${APP}    configs: [c]\nconfigs: {c: {name: "\${STACK_NAME}_c_\${V}", file: x.conf}}\n`,
    },
    /configs\.c: name .* ends in "_"/,
  ],
])("%s is a mistake shown with its place", async (_, files, message) => {
  await expect(loadFiles(files).catch(describe)).resolves.toMatch(message);
});

test("a variable commented out in .env.sample is an option left out, and empty", async () => {
  const spec = await loadFiles({
    ".env.sample": "DOMAIN=wiki.example.com\n#SMTP=mail\n",
    "compose.yml": `${APP}    environment:\n      - MAIL=\${SMTP}\n`,
  });
  expect(spec.services[0]?.env.MAIL).toBe("");
});

test("a config that is a link out of the recipe is refused", async () => {
  const compose = `${APP}    configs: [c]\nconfigs: {c: {file: ./c.conf}}\n`;
  const checkout = await writeFiles({ ".env.sample": "TYPE=wiki\n", "compose.yml": compose });
  await symlink("/etc/hostname", join(checkout, "c.conf"));
  const cli = await dockerCli();
  const loading = loadApp({ checkout, recipe: "wiki", commit: COMMIT, domain: DOMAIN, dockerCli: cli });
  await expect(loading.catch(describe)).resolves.toMatch(/configs\.c: "c\.conf" is a link that leaves the recipe/);
});

test("nothing of this machine's environment reaches the recipe", async () => {
  process.env.RECIPE_CI_TEST_SECRET = "leak";
  const spec = await loadService("environment: [RECIPE_CI_TEST_SECRET, HOME, PATH, DOCKER_HOST]");
  delete process.env.RECIPE_CI_TEST_SECRET;
  expect(spec.services[0]?.env).toMatchObject({
    RECIPE_CI_TEST_SECRET: null,
    HOME: null,
    PATH: null,
    DOCKER_HOST: null,
  });
});

test("a recipe's PATH, Docker host and context do not decide what runs here", async () => {
  const env = { PATH: "./bin", DOCKER_HOST: "ssh://nowhere", DOCKER_CONTEXT: "none", DOCKER_TLS_VERIFY: "1" };
  const spec = await loadService("hostname: $DOCKER_HOST", "", env);
  expect(spec.services[0]).toMatchObject({ hostname: "ssh://nowhere", env });
});

test("without a Docker CLI the machine is to blame, not the recipe", async () => {
  const checkout = await writeFiles({ ".env.sample": "TYPE=wiki\n", "compose.yml": APP });
  const loading = loadApp({ checkout, recipe: "wiki", commit: COMMIT, domain: DOMAIN, dockerCli: ["no-such-docker"] });
  await expect(loading).rejects.toThrow(InfraError);
});

test("the same recipe gives the same bytes from another folder", async () => {
  const files = {
    "x.conf": "x",
    "compose.yml": `${APP}    volumes: ["./data:/data", "bb:/b", "aa:/a"]\n    configs: [c]\nvolumes: {bb: , aa: }\nconfigs: {c: {file: x.conf}}\n`,
  };
  const [one, other] = [await loadFiles(files), await loadFiles(files)];
  expect(JSON.stringify(one)).toBe(JSON.stringify(other));
  expect(JSON.stringify(one)).not.toContain("recipe-ci-test");
});

test("what Swarm drops is warned of", async () => {
  const spec = await loadService(
    'tmpfs: [/run]\nprivileged: true\ncontainer_name: x\nvolumes: ["./data:/data"]\nenvironment: ["T={{.Node}}"]\nports: ["127.0.0.1:80:80"]',
    "volumes: {unused: }",
  );
  expect(spec.warnings).toEqual([
    expect.stringContaining("ignoring IP-address"),
    'service app: "container_name" is ignored by Swarm',
    'service app: "privileged" is ignored by Swarm',
    expect.stringContaining('service app: "tmpfs" is never mounted'),
    expect.stringContaining("service app: bind mount at /data has a relative source"),
    "volume unused: declared but mounted by no service",
    expect.stringContaining("in variable T as a template"),
  ]);
});

test("a health check in a form that asks nothing is warned of", async () => {
  const warnings = async (test: string) => (await loadService(`healthcheck: {test: ${test}}`, "")).warnings;
  expect(await warnings('["CMD", "curl", "-f", "http://127.0.0.1/", "||", "exit", "1"]')).toEqual([
    expect.stringMatching(/^compose\.yml:\d+: service app: its health check gives CMD the word "\|\|"/),
  ]);
  expect(await warnings('["CMD", "redis-cli", "-a", "$$PASS", "ping"]')).toEqual([expect.stringContaining('"$PASS"')]);
  expect(await warnings("curl -f http://127.0.0.1/ || exit 1")).toEqual([]);
});

test("any value of a variable reaches the service unchanged through docker/cli", { timeout: 60_000 }, async () => {
  const value = fc.string({ unit: "grapheme", maxLength: 60 }).filter((text) => !text.includes("\0"));
  await fc.assert(
    fc.asyncProperty(fc.array(value, { minLength: 20, maxLength: 20 }), async (values) => {
      const env = Object.fromEntries(values.map((text, index) => [`V${index}`, text]));
      const lines = values.map((_, index) => `  W${index}: "\${V${index}}"\n`).join("");
      const spec = await loadService(`environment:\n${lines}`, "", env);
      const got = values.map((_, index) => spec.services[0]?.env[`W${index}`]);
      expect(got).toEqual(values);
    }),
    { numRuns: 10 },
  );
});

/** Nine levels of nine aliases each: half a kilobyte of YAML, 387 million values. */
function bomb(): string {
  const levels = [..."abcdefghi"].map((name, index, all) => {
    const item = index === 0 ? "x" : `*${all[index - 1]}`;
    return `x-${name}: &${name} [${Array.from({ length: 9 }, () => item).join(",")}]\n`;
  });
  return `version: "3.8"\n${levels.join("")}`;
}

test("what docker and abra take and nobody means is a warning with its file and line", async () => {
  const spec = await loadFiles({
    ".env.sample": "TYPE=wiki\nA=1\nSECRET_PW_VERSION=v1 # lenght=32\nA=2\nA=$A:3\n",
    "run.sh.tmpl": '{{ env "A" }}\n',
    "compose.yml": `${APP}    environment: {V: 1.10}
    entrypoint: /run.sh
    healthcheck: {test: [curl, localhost]}
    configs: [{source: run, target: /run.sh, mode: 444}]
    deploy: {labels: ['a="b"']}
  db:
    image: postgres:17
    volumes: [data:/data]
    deploy: {update_config: {order: start-first}}
volumes: {data: }
configs:
  run: {file: run.sh.tmpl}
`,
  });
  expect(spec.warnings.filter((warning) => /^\S+:\d+/.test(warning)).sort()).toEqual([
    expect.stringMatching(/^\.env\.sample:3 SECRET_PW_VERSION: "lenght=32" .* nothing to abra; write length=32$/),
    ".env.sample:4 A: is set in line 2 as well, and abra takes the last",
    expect.stringMatching(/^compose\.yml:13:? .*db .*start-first/),
    expect.stringMatching(/^compose\.yml:16:? .*run\.sh\.tmpl .*no template_driver/),
    expect.stringMatching(/^compose\.yml:5:? .*V is written 1\.10/),
    expect.stringMatching(/^compose\.yml:7:? .*health check begins with "curl"/),
    expect.stringMatching(/^compose\.yml:8:? .*mode of run: 444 is 0674/),
    expect.stringMatching(/^compose\.yml:9:? .*gives a a value with its quotes/),
  ]);
});
