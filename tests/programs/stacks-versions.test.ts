import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { runNames } from "../../compose/env/stack-name.ts";
import { describe as sentence, UserErrors } from "../../lib/errors.ts";
import type { SettledDefinition } from "../../recipes/settle.ts";
import { openSource } from "../../source/open-source.ts";
import { BrokenBase, loadElsewhere, loadVersions, locateVersions, type Versions } from "../../stacks/versions.ts";
import { commitAll, gitFolder, gitIn, scratchFolder, writeFiles } from "../fixtures/recipe-folder.ts";

const RELEASE = "1.0.0+1.27";
type Files = Record<string, string | undefined>;

const SAMPLE = "TYPE=wiki\nDOMAIN=wiki.example.com\n";
const compose = (version: string, service = "", rest = "") => `version: "3.8"
services:
  app:
    image: nginx:1.27
    deploy: {labels: ["coop-cloud.\${STACK_NAME}.version=${version}"]}
${service}${rest}`;
const environment = (...items: string[]) => `    environment: ${JSON.stringify(items)}\n`;

/** A release and, over it, head; files that head does not name stay, those it has as undefined go. */
async function found(base: Files, head: Files, definition: Partial<SettledDefinition> = {}, name = RELEASE) {
  const folder = await gitFolder(present({ ".env.sample": SAMPLE, "compose.yml": compose(RELEASE), ...base }));
  await gitIn(folder, "tag", "-a", RELEASE, "-m", "release");
  for (const path of Object.keys(head)) await rm(join(folder, path), { force: true });
  await writeFiles(present(head), folder);
  await commitAll(folder, "head");
  const repo = await openSource(folder, { cacheDir: await scratchFolder() });
  const headCommit = await repo.resolve();
  const baseCommit = (await repo.base(headCommit))?.commit;
  const located = { repo, headCommit, baseCommit, baseName: name, warnings: [] };
  return [{ names: runNames("wiki", "test"), definition: { name: "wiki", ...definition } }, located] as const;
}

const versions = async (...args: Parameters<typeof found>) => loadVersions(...(await found(...args)));

function present(files: Files): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).flatMap(([path, text]) => (text === undefined ? [] : [[path, text]])),
  );
}

describe("the release that an upgrade starts from", () => {
  async function located(upgradeFrom?: string, options: { ref?: string; tags?: string[] } = {}) {
    const { ref, tags = ["1.0.0+1", "1.1.0+1"] } = options;
    const source = await gitFolder({ "compose.yml": "a" });
    for (const tag of tags) {
      await gitIn(source, "tag", "-a", tag, "-m", tag);
      await commitAll(source, tag);
    }
    vi.stubEnv("RECIPE_CI_HOME", await scratchFolder());
    onTestFinished(() => void vi.unstubAllEnvs());
    return locateVersions({ name: "wiki", source, upgradeFrom }, { ref });
  }

  test("is the newest before head, or the one that ci.ts names", async () => {
    expect(await located()).toMatchObject({ baseName: "1.1.0+1", warnings: [] });
    expect(await located("1.0.0+1")).toMatchObject({ baseName: "1.0.0+1", warnings: [] });
  });

  test("is the newest where head is no newer than what ci.ts names, and that is told", async () => {
    const said = (instead: string) =>
      `recipes/wiki/ci.ts upgradeFrom: 1.1.0+1 is no release before head here, so ${instead}`;
    const older = await located("1.1.0+1", { ref: "1.1.0+1" });
    expect(older).toMatchObject({ baseName: "1.0.0+1", warnings: [said("the upgrade starts from 1.0.0+1")] });
    const copy = await located("1.1.0+1", { tags: [] });
    expect(copy).toMatchObject({ baseName: undefined, warnings: [said("nothing is upgraded")] });
  });

  test("is refused where there is none of that name", async () => {
    const named = (wrong: string) => refusal(located(wrong));
    const start = (wrong: string) => `recipes/wiki/ci.ts upgradeFrom: there is no release "${wrong}"\n  remedy: `;
    expect(await named("1.0.1+1")).toBe(`${start("1.0.1+1")}did you mean 1.0.0+1?`);
    expect(await named("main")).toBe(`${start("main")}take it out; there is 1.0.0+1, 1.1.0+1`);
  });
});

const envOf = ({ head }: Versions) => head.services[0]?.env ?? {};
const refusal = (loading: Promise<unknown>) => loading.then(() => "no error", sentence);

describe("head over base has the .env of an operator who comes from there", () => {
  const secret = { db: `secrets:\n  db: {external: true, name: "\${STACK_NAME}_db_\${SECRET_DB_VERSION}"}\n` };
  const old = "THEME=light\nGONE=still\nSECRET_DB_VERSION=v1 # length=12\nCOMPOSE_FILE=compose.yml\n";
  const now = "THEME=dark\nSECRET_DB_VERSION=v2 # length=40\nCOMPOSE_FILE=compose.yml:compose.x.yml\n";
  const service = `${environment("LOOK=$THEME", "FROM=$SHELL_VERSION")}    secrets: [db]\n`;
  const files = {
    base: {
      ".env.sample": SAMPLE + old,
      "abra.sh": "export SHELL_VERSION=v1\n",
      "compose.yml": compose(RELEASE, service, secret.db),
    },
    head: {
      ".env.sample": SAMPLE + now,
      "abra.sh": "export SHELL_VERSION=v2\n",
      "compose.yml": compose("1.1.0+1.27", service, secret.db),
      "compose.x.yml": 'version: "3.8"\nservices:\n  app: {hostname: overlaid}\n',
    },
  };

  test("so what changed in the sample alone stays, and abra.sh and the version are head's", async () => {
    const { base, head, warnings } = await versions(files.base, files.head);
    expect(base?.services[0]?.env).toMatchObject({ LOOK: "light", FROM: "v1", TYPE: `wiki:${RELEASE}` });
    expect(envOf({ head, location: "", warnings })).toMatchObject({
      LOOK: "light",
      FROM: "v2",
      TYPE: "wiki:1.1.0+1.27",
      GONE: "still",
      COMPOSE_FILE: "compose.yml",
    });
    expect(head.secrets.map(({ name }) => name)).toEqual(base?.secrets.map(({ name }) => name));
    expect(head.secrets[0]?.generate).toMatchObject({ length: 12 });
    expect(head.services[0]?.hostname).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  test("and what release notes tell them to set, as the sample has it", async () => {
    const upgradeEnv = { SECRET_DB_VERSION: "v2", COMPOSE_FILE: "compose.yml:compose.x.yml" };
    const { base, head } = await versions(files.base, files.head, { upgradeEnv });
    expect(head.services[0]).toMatchObject({ hostname: "overlaid", env: { LOOK: "light" } });
    expect(head.secrets[0]).toMatchObject({
      name: `${head.namespace}_db_v2`,
      generate: expect.objectContaining({ length: 40 }),
    });
    expect(base?.secrets[0]?.name).toBe(`${head.namespace}_db_v1`);
  });

  test("with the definition's own variables on top, in both, and upgradeEnv over them", async () => {
    const definition = { env: { THEME: "own", GONE: "own" }, upgradeEnv: { GONE: "told" } };
    const { base, head } = await versions(files.base, files.head, definition);
    expect([base, head].map((app) => app?.services[0]?.env.LOOK)).toEqual(["own", "own"]);
    expect([base, head].map((app) => app?.services[0]?.env.GONE)).toEqual(["own", "told"]);
  });

  test("and without a base nothing of that", async () => {
    const folder = await gitFolder(present(files.head));
    const repo = await openSource(folder, { cacheDir: await scratchFolder() });
    const definition = { name: "wiki", upgradeEnv: { THEME: "told" } };
    const { head } = await loadVersions(
      { names: runNames("wiki", "test"), definition },
      { repo, headCommit: await repo.resolve(), warnings: [] },
    );
    expect(head.services[0]).toMatchObject({ hostname: "overlaid", env: { LOOK: "dark" } });
  });
});

describe("what head needs and that .env lacks", () => {
  const needs = {
    ".env.sample": `${SAMPLE}NEW=needed\nALSO=1\n`,
    "compose.yml": compose("1.1.0+1.27", environment("NEW=$NEW")),
  };

  const why = `variable NEW is not in the .env of operators who come from ${RELEASE}`;
  const remedy = `give it a default: \${NEW:-...}, or tell operators in a release note to set NEW, and set it in upgradeEnv of recipes/wiki/ci.ts`;

  test("is a warning with its line in head, and both ways to mend it, where docker takes the empty text", async () => {
    const { head, warnings } = await versions({}, needs);
    expect(head.services[0]?.env.NEW).toBe("");
    expect(warnings).toEqual([
      `compose.yml:6: ${why}, and docker puts an empty text there: ${remedy}`,
      `operators who come from ${RELEASE} have no NEW, ALSO in their .env`,
    ]);
  });

  test.each([
    ["an image", `    hostname: h\n`, "image: nginx:1.27", `image: "nginx:$NEW"`, "4 services.app.image"],
    ["a volume", '    volumes: ["$NEW:/data"]\nvolumes: {data: }\n', "", "", "6 services.app.volumes.0"],
  ])("is an error in %s, which no empty text is", async (_, service, find, replace, where) => {
    const needed = compose("1.1.0+1.27", service).replace(find, replace);
    const loading = versions({}, { ".env.sample": `${SAMPLE}NEW=data\n`, "compose.yml": needed });
    await expect(loading).rejects.toThrow(UserErrors);
    const [first, second] = (await refusal(loading)).split("\n");
    expect(first?.startsWith(`compose.yml:${where}: `)).toBe(true);
    expect(first?.endsWith(`: ${why}`)).toBe(true);
    expect(second).toBe(`  remedy: ${remedy}`);
  });

  test("is none with a default, or once operators are told; all keys they lack are one warning", async () => {
    const lacking = (keys: string) => `operators who come from ${RELEASE} have no ${keys} in their .env`;
    const withDefault = { ...needs, "compose.yml": compose("1.1.0+1.27", environment(`NEW=\${NEW:-fine}`)) };
    const defaulted = await versions({}, withDefault);
    expect(envOf(defaulted).NEW).toBe("fine");
    expect(defaulted.warnings).toEqual([lacking("NEW, ALSO")]);
    const told = await versions({}, needs, { upgradeEnv: { NEW: "told" } });
    expect(envOf(told).NEW).toBe("told");
    expect(told.warnings).toEqual([lacking("ALSO")]);
  });

  test.each<[string, Files, Files, string | RegExp]>([
    [
      "the version of a new secret",
      {},
      {
        ".env.sample": `${SAMPLE}SECRET_DB_VERSION=v1\n`,
        "compose.yml": compose(
          "1.1.0+1.27",
          "    secrets: [db]\n",
          `secrets:\n  db: {external: true, name: "\${STACK_NAME}_db_\${SECRET_DB_VERSION}"}\n`,
        ),
      },
      /^compose\.yml:8 secrets\.db: .*: variable SECRET_DB_VERSION is not in the \.env of operators/,
    ],
    [
      "a value where the release had none",
      { ".env.sample": `${SAMPLE}NEW=\n` },
      { ".env.sample": `${SAMPLE}NEW=1\n`, "compose.yml": compose("1.1.0+1.27", environment(`NEW=\${NEW:?must}`)) },
      `compose.yml:6: variable NEW is empty in .env.sample of ${RELEASE}:3 (must)`,
    ],
    [
      "an overlay that head has dropped",
      {
        ".env.sample": `${SAMPLE}COMPOSE_FILE=compose.yml:compose.x.yml\n`,
        "compose.x.yml": 'version: "3.8"\nservices: {app: {hostname: x}}\n',
      },
      { ".env.sample": SAMPLE, "compose.x.yml": undefined },
      `.env.sample of ${RELEASE}:3 COMPOSE_FILE: "compose.x.yml" is not in the recipe`,
    ],
    [
      "a value that is only wrong with head",
      { ".env.sample": `${SAMPLE}VOLUME=old\n` },
      {
        ".env.sample": `${SAMPLE}VOLUME=new\n`,
        "compose.yml": compose("1.1.0+1.27", `    volumes: ["$VOLUME:/data"]\n`, "volumes: {new: }\n"),
      },
      `volume "old" is not declared (with the .env of operators who come from ${RELEASE})`,
    ],
  ])("is told: %s", async (_, base, head, expected) => {
    const text = await refusal(versions(base, head));
    if (typeof expected === "string") expect(text).toContain(expected);
    else expect(text).toMatch(expected);
  });

  test.each<[string, Files, Files, RegExp]>([
    [
      "an option of the release that is none any more",
      { ".env.sample": `${SAMPLE}#NEW=1\n` },
      needs,
      /^compose\.yml:6: variable NEW is not in the \.env of operators/m,
    ],
    [
      "a variable that head has as an option as well",
      {},
      { ...needs, ".env.sample": `${SAMPLE}NEW=1\n#NEW=2\n` },
      /^compose\.yml:6: variable NEW is not in the \.env of operators/m,
    ],
    [
      "a variable of a template",
      {},
      {
        ".env.sample": `${SAMPLE}NEW=1\n`,
        "app.conf": '\nnew {{ env "NEW" }}\n',
        "abra.sh": "export CONF_VERSION=v1\n",
        "compose.yml": compose(
          "1.1.0+1.27",
          "    configs: [conf]\n",
          `configs:\n  conf: {name: "\${STACK_NAME}_conf_\${CONF_VERSION}", file: app.conf, template_driver: golang}\n`,
        ),
      },
      /^app\.conf:2: service app has no variable NEW, .*operators who come from 1\.0\.0\+1\.27/m,
    ],
    [
      "a variable that nobody ever defined, once",
      {},
      { "compose.yml": compose("1.1.0+1.27", environment("X=$OLD")) },
      /^compose\.yml:6: variable OLD is defined nowhere, [^\n]*$/,
    ],
  ])("is warned of: %s", async (_, base, head, expected) => {
    expect((await versions(base, head)).warnings.join("\n")).toMatch(expected);
  });

  test("is not what head leaves out as an option", async () => {
    const { warnings } = await versions({}, { ...needs, ".env.sample": `${SAMPLE}#NEW=1\n` });
    expect(warnings).toEqual([]);
  });

  test("does not hide behind a variable of the definition: that one belongs in upgradeEnv", async () => {
    const { warnings } = await versions({}, needs, { env: { NEW: "own", TYPO: "1" } });
    expect(warnings).toEqual([
      "recipes/wiki/ci.ts env.TYPO: nothing in the recipe names it; only service app gets it; did you mean TYPE?",
      `operators who come from ${RELEASE} have no ALSO in their .env`,
      `recipes/wiki/ci.ts env.NEW: ${RELEASE} does not know it, so it belongs in upgradeEnv as well`,
    ]);
  });
});

describe("who is to blame", () => {
  const broken = { "compose.yml": 'version: "3.8"\nservices: [\n' };
  const good = { "compose.yml": compose("1.1.0+1.27") };

  test("a release that can't be read is named, and is no error of head", async () => {
    const loading = versions(broken, good);
    await expect(loading).rejects.toBeInstanceOf(BrokenBase);
    expect(await refusal(loading)).toMatch(/^release 1\.0\.0\+1\.27: compose\.yml:\d+: /);
  });

  test("so is any other ref that head is compared with", async () => {
    expect(await refusal(versions(broken, good, {}, "main~1"))).toMatch(/^base main~1: compose\.yml:\d+: /);
  });

  test("head that can't be read is to blame, whatever base is", async () => {
    for (const base of [broken, good]) {
      const loading = versions(base, { "compose.yml": 'version: "3.8"\nservices: {app: [\n' });
      await expect(loading).rejects.not.toBeInstanceOf(BrokenBase);
      expect(await refusal(loading)).toMatch(/^compose\.yml:\d+: /);
    }
  });

  test("head that can only be upgraded to, and not installed, is to blame as well", async () => {
    const needed = compose("1.1.0+1.27", environment(`OLD=\${OLD:?must}`));
    const loading = versions({ ".env.sample": `${SAMPLE}OLD=1\n` }, { ".env.sample": SAMPLE, "compose.yml": needed });
    expect(await refusal(loading)).toMatch(/^compose\.yml:6: variable OLD is defined nowhere \(must\)\n/);
  });
});

test("what base and head make under a fixed name has one of the run's own", async () => {
  const fixed = (version: string) =>
    compose(version, '    volumes: ["data:/data"]\n', "volumes: {data: {name: wiki-data}}\n");
  const { base, head, warnings } = await versions(
    { "compose.yml": fixed(RELEASE) },
    { "compose.yml": fixed("1.1.0+1.27") },
  );
  const { namespace } = runNames("wiki", "test");
  for (const app of [base, head]) expect(app?.volumes[0]?.name).toBe(`${namespace}_wiki-data`);
  expect(warnings.filter((line) => line.startsWith("volumes.data"))).toHaveLength(1);
});

test("head is loaded once more for a second app: under other names, with the .env of operators", async () => {
  const stored = compose(
    RELEASE,
    "    environment: [LOOK=$LOOK]\n    volumes: ['data:/data']\n",
    "volumes: {data: {}}\n",
  );
  const look = (value: string) => `${SAMPLE}LOOK=${value}\n`;
  const old = { ".env.sample": look("light"), "compose.yml": stored };
  const now = { ".env.sample": look("dark"), "compose.yml": stored.replace(RELEASE, "1.1.0+1.27") };
  const args = await found(old, now);
  const [{ head }, elsewhere] = await Promise.all([loadVersions(...args), loadElsewhere(...args)]);
  expect(elsewhere.services[0]?.env.LOOK).toBe("light");
  expect(elsewhere.version).toBe(head.version);
  expect(elsewhere.domain).not.toBe(head.domain);
  expect(elsewhere.volumes.map(({ name }) => name)).not.toEqual(head.volumes.map(({ name }) => name));
});
