import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { appEnv } from "../../compose/env/app-env.ts";
import { describe } from "../../lib/errors.ts";
import { DOMAIN, loadFiles, loadService } from "../fixtures/app.ts";
import { writeFiles } from "../fixtures/recipe-folder.ts";

const APP = 'version: "3.8"\nservices:\n  app:\n    image: wiki:1.0\n';
const SAMPLE = "DOMAIN=wiki.example.com\n";

const refusal = (loading: Promise<unknown>) => loading.then(() => "no error", describe);

test.each<[string, Record<string, string>, Record<string, string>, string]>([
  ["the sample", { ".env.sample": `${SAMPLE}COMPOSE_FILE=compose.yml:no.yml\n` }, {}, ".env.sample:2 COMPOSE_FILE"],
  ["abra.sh", { "abra.sh": "\nexport COMPOSE_FILE=compose.yml:no.yml\n" }, {}, "abra.sh:2 COMPOSE_FILE"],
  ["the definition", {}, { COMPOSE_FILE: "compose.yml:no.yml" }, "recipes/wiki/ci.ts env.COMPOSE_FILE"],
])("a missing compose file is told where %s asks for it", async (_, files, env, place) => {
  const text = await refusal(loadFiles({ "compose.yml": APP, ...files }, env));
  expect(text).toContain(`${place}: "no.yml" is not in the recipe`);
});

test("a COMPOSE_FILE that names nothing is told with its place", async () => {
  const text = await refusal(loadFiles({ "compose.yml": APP, ".env.sample": `${SAMPLE}COMPOSE_FILE=:\n` }));
  expect(text).toContain('.env.sample:2 COMPOSE_FILE: ":" names no file');
});

test("a variable that abra.sh exports, but not for abra, is told with that line", async () => {
  const files = { "compose.yml": `${APP}    hostname: $C_VERSION\n`, "abra.sh": '# versions\nexport C_VERSION="v1"\n' };
  expect((await loadFiles(files)).warnings).toEqual([
    'compose.yml:5: variable C_VERSION is defined nowhere: abra does not take export C_VERSION="v1" of abra.sh:2, because of the quotes, and docker puts an empty text there: write it there at the start of a line, with a bare word: export C_VERSION=v1',
  ]);
});

test.each([
  ["E:?must", "E=", {}, "variable E is empty in .env.sample:2 (must)"],
  ["E:?must", "E=1", { E: "" }, "variable E is empty in recipes/wiki/ci.ts env.E (must)"],
  ["E:?must", "F=", {}, "variable E is defined nowhere (must)"],
  ["E:?must", "#E=", {}, "variable E is defined nowhere (must)"],
  ["E?must", "F=", {}, "variable E is defined nowhere (must)"],
  ["E?must", "E=", {}, undefined],
  ["E:?must", "E=1", {}, undefined],
])("{%s} with %s and %j is refused by us, or not at all", async (text, line, env, message) => {
  const loading = loadFiles(
    { "compose.yml": `${APP}    hostname: a\${${text}}\n`, ".env.sample": `${SAMPLE}${line}\n` },
    env,
  );
  if (message === undefined) expect((await loading).services).toHaveLength(1);
  else expect(await refusal(loading)).toContain(`compose.yml:5: ${message}`);
});

const long = (kilobytes: number) => "x".repeat(kilobytes << 10);

test.each<[string, Record<string, string>, Record<string, string>, string]>([
  [
    "a long value of the definition",
    {},
    { A: long(65) },
    "recipes/wiki/ci.ts env.A: the value of A is longer than 64 KiB",
  ],
  ["a NUL byte in one", {}, { A: "x\0" }, "recipes/wiki/ci.ts env.A: the value holds a NUL byte"],
  ["a name with =", {}, { "A=B": "x" }, "recipes/wiki/ci.ts env.A=B: is no name of a variable"],
  [
    "too much from all sides together",
    {
      ".env.sample": `${SAMPLE}A=${long(60)}\nB=${long(60)}\n`,
      "abra.sh": `export C=${long(60)}\nexport D=${long(60)}\n`,
    },
    { E: long(60) },
    "all values up to D have more than 256 KiB",
  ],
  ["a NUL byte in abra.sh", { "abra.sh": "export A=v1\nexport B=v1\0\n" }, {}, "abra.sh:2: the value holds a NUL byte"],
])("%s is refused before any program is started with it", async (_, files, env, message) => {
  expect(await refusal(loadFiles({ "compose.yml": APP, ...files }, env))).toContain(message);
});

test("a variable whose last value is short enough may have had a long one before, in all sources", async () => {
  const spec = await loadFiles({ "compose.yml": APP, "abra.sh": "export A=short\n" }, { A: long(65) });
  expect(spec.services[0]?.env.A).toBe("short");
});

test("what has no effect, or leads nowhere, is warned of", async () => {
  const spec = await loadFiles(
    {
      ".env.sample": `${SAMPLE}QUOTED=v0\n#OPTION=1\n`,
      "abra.sh": 'export QUOTED="v1"\nexport SHELL_VERSION=v1\nexport UNUSED="x"\nexport CONF_VERSION=v1\n',
      "app.conf": "port = IN_TEXT",
      "compose.yml": `${APP}    environment: [NOWHERE, OPTION, GIVEN, "EMPTY=", "OWN=\${USED:-1}"]
    configs: [conf]
  db:
    image: db:1
    environment: {NOWHERE: }
configs:
  conf: {name: "\${STACK_NAME}_conf_\${CONF_VERSION}", file: app.conf}
`,
    },
    { SHELL_VERSION: "v2", TYPO: "1", GIVEN: "1", USED: "1", OPTION: "1", IN_TEXT: "1", COMPOSE_FILE: "compose.yml" },
  );
  expect(spec.warnings).toEqual([
    "recipes/wiki/ci.ts env.SHELL_VERSION: abra.sh:2 sets it as well, and wins",
    'abra.sh:1 QUOTED: abra does not take export QUOTED="v1", because of the quotes',
    "recipes/wiki/ci.ts env.TYPO: nothing in the recipe names it; only service app gets it; did you mean TYPE?",
    "service app: environment names NOWHERE, which is defined nowhere: it gets no value",
    "service db: environment names NOWHERE, which is defined nowhere: it gets no value",
  ]);
});

test("an option left out may be named without a value", async () => {
  const spec = await loadFiles({
    ".env.sample": `${SAMPLE}#SMTP=1\n`,
    "compose.yml": `${APP}    environment: [SMTP]\n`,
  });
  expect([spec.warnings, spec.services[0]?.env.SMTP]).toEqual([[], null]);
});

test("a sample that is no UTF-8 is read, and warned of", async () => {
  const checkout = await writeFiles({ "compose.yml": APP });
  await writeFile(join(checkout, ".env.sample"), Buffer.from("TYPE=wiki\nNAME=caf\xe9\n# caf\xe9\n", "latin1"));
  const { env, sample } = await appEnv({ checkout, recipe: "wiki", domain: DOMAIN });
  expect(env.NAME).toBe("caf\ufffd");
  expect(sample.warnings).toEqual([".env.sample:2 NAME: the value is not UTF-8, and some of it is lost"]);
});

const bindsOf = ({ services }: Awaited<ReturnType<typeof loadService>>) =>
  services[0]?.mounts.map(({ source, target }) => `${source}:${target}`);

test("relative binds are folders of an operator's machine, wherever they lead, and never of this one", async () => {
  const spec = await loadService(
    `volumes:
  - ./a:/a
  - ../b:/b
  - ~/c:/c
  - ~:/d
  - ../../../../../../../e:/e
  - \${DATA:-../f}:/f
  - {type: bind, source: ../g, target: /g}
  - /h:/h`,
  );
  const recipes = "/root/.abra/recipes";
  expect(bindsOf(spec)).toEqual([
    `${recipes}/wiki/a:/a`,
    `${recipes}/b:/b`,
    "/root/c:/c",
    "/root:/d",
    "/e:/e",
    `${recipes}/f:/f`,
    `${recipes}/g:/g`,
    "/h:/h",
  ]);
  expect(spec.warnings.filter((warning) => warning.includes("has a relative source"))).toHaveLength(3);
  expect(spec.warnings.filter((warning) => warning.includes("outside the recipe"))).toEqual([
    `service app: bind mount at /b has a source outside the recipe: ${recipes}/b`,
    "service app: bind mount at /e has a source outside the recipe: /e",
    `service app: bind mount at /f has a source outside the recipe: ${recipes}/f`,
    `service app: bind mount at /g has a source outside the recipe: ${recipes}/g`,
  ]);
  expect(spec.warnings).toHaveLength(7);
});

test("binds start from the folder of the first compose file, as in docker/cli; ~ is the app's HOME where it has one", async () => {
  const spec = await loadFiles(
    { "sub/compose.yml": `${APP}    volumes: ["./a:/a", "../b:/b", "~/c:/c", "../../d:/d"]\n` },
    { COMPOSE_FILE: "sub/compose.yml", HOME: "/srv" },
  );
  const recipes = "/root/.abra/recipes";
  expect(bindsOf(spec)).toEqual([`${recipes}/wiki/sub/a:/a`, `${recipes}/wiki/b:/b`, "/srv/c:/c", `${recipes}/d:/d`]);
});
