// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables are those of compose files
import { describe, expect, test } from "vitest";
import { describe as say } from "../../lib/errors.ts";
import { loadFiles, NAMESPACE } from "../fixtures/app.ts";

const SERVICES = `version: "3.8"
services:
  app: {image: "wiki:1.0"}
`;
/** Files that stand for what is kept elsewhere: no failure where no service asks for them. */
const ELSEWHERE = {
  "pointer.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:0a1b\nsize 12345\n",
  ".gitmodules": '[submodule "theme"]\n\tpath = theme\n\turl = https://git.example.org/theme\n',
};
const load = (rest: string, files: Record<string, string> = {}, services = SERVICES) =>
  loadFiles({
    "compose.yml": `${services}${rest}`,
    "a.txt": "a",
    "b.txt": "b",
    "empty.txt": "",
    ...ELSEWHERE,
    ...files,
  });
const refusal = (rest: string, services?: string) => load(rest, {}, services).then(() => "", say);
const encoded = (text: string) => Buffer.from(text).toString("base64");
const LABELS = { "com.docker.stack.namespace": NAMESPACE };

describe("what docker stack deploy makes although no service uses it", () => {
  test("a config", async () => {
    const { configs } = await load('configs: {spare: {name: "${STACK_NAME}_spare_${V:-v1}", file: a.txt}}');
    const name = `${NAMESPACE}_spare_v1`;
    const own = { key: "spare", name, external: false, labels: LABELS, data: encoded("a"), file: "a.txt" };
    expect(configs).toEqual([{ ...own, versionVariable: "V" }]);
  });

  test("a secret with a file, and none that abra makes", async () => {
    const { secrets } = await load(
      'secrets: {held: {file: ./b.txt, labels: {a: b}}, abras: {external: true, name: "${STACK_NAME}_abras_v1"}}',
    );
    expect(secrets).toEqual([
      {
        key: "held",
        name: `${NAMESPACE}_held`,
        labels: { ...LABELS, a: "b" },
        users: [],
        generate: { enabled: false },
        content: { file: "b.txt", data: encoded("b") },
      },
    ]);
  });

  test.each([
    ["a config without its file", "configs: {c: {file: none.txt}}", 'configs.c: "none.txt" is not in the recipe'],
    ["a secret without its file", "secrets: {c: {file: none.txt}}", 'secrets.c: "none.txt" is not in the recipe'],
    ["an empty config", "configs: {c: {file: empty.txt}}", 'configs.c: "empty.txt" is empty'],
    [
      "a pointer of Git LFS",
      "configs: {c: {file: pointer.bin}}",
      'configs.c: "pointer.bin" is a pointer of Git LFS, and operators would get the pointer as the config',
    ],
    [
      "a file of a submodule",
      "configs: {c: {file: ./theme/a.css}}",
      'configs.c: "theme/a.css" lies in the submodule "theme", and a recipe is read without its submodules',
    ],
    ["an empty secret", "secrets: {c: {file: empty.txt}}", 'secrets.c: "empty.txt" is empty'],
    ["a secret of a plugin", "secrets: {c: {driver: vault}}", "secrets.c: is neither external nor a plain file"],
    [
      "a secret that is a template",
      "secrets: {c: {file: a.txt, template_driver: golang}}",
      "secrets.c: is neither external nor a plain file",
    ],
  ])("but not %s", async (_, rest, message) => {
    expect(await refusal(rest)).toMatch(new RegExp(`^compose\\.yml(:\\d+)? ${message.replaceAll(".", "\\.")}`));
  });

  test("an unused secret of abra's is no one's business, but its name may stop abra", async () => {
    const app = await load('secrets: {s: {external: true, name: "${STACK_NAME}_s_${V:-}"}, t: {external: true}}');
    expect(app.secrets).toEqual([]);
    expect(app.warnings).toEqual([expect.stringMatching(/^secret s: no service uses it, but abra may stop/)]);
  });
});

test("an external config is left to operators: its bytes are unknown, and the file that declares it is told", async () => {
  const services = 'version: "3.8"\nservices: {app: {image: "wiki:1.0", configs: [{source: ca, target: /ca.pem}]}}\n';
  const app = await load("configs: {ca: {external: true, name: company-ca}}", {}, services);
  const external = { key: "ca", name: "company-ca", external: true, labels: {}, data: "", file: "compose.yml" };
  expect(app.configs).toEqual([external]);
  expect(app.services[0]?.configs).toMatchObject([{ key: "ca", name: "company-ca", file: "/ca.pem" }]);
});

describe("two keys of one name", () => {
  test("are one object, under the first key", async () => {
    const services = `version: "3.8"
services:
  app:
    image: wiki:1.0
    networks: [n1, n2]
    volumes: ["v1:/a", "v2:/b"]
    secrets: [s1, s2]
    configs: [c1, c2]
`;
    const app = await load(
      `networks: {n2: {name: net}, n1: {name: net}}
volumes: {v2: {name: vol}, v1: {name: vol}}
secrets: {s2: &s {external: true, name: "\${STACK_NAME}_s_v1"}, s1: *s}
configs: {c2: {file: a.txt, name: conf}, c1: {file: a.txt, name: conf}}
`,
      {},
      services,
    );
    const named = (objects: { key: string; name: string }[]) => objects.map(({ key, name }) => `${key} ${name}`);
    expect(named(app.networks)).toEqual(["n1 net"]);
    expect(named(app.volumes)).toEqual(["v1 vol"]);
    expect(named(app.configs)).toEqual(["c1 conf"]);
    expect(named(app.secrets)).toEqual([`s1 ${NAMESPACE}_s_v1`]);
    expect(app.secrets[0]?.users).toEqual([
      { service: "app", file: "s1" },
      { service: "app", file: "s2" },
    ]);
  });

  test.each([
    ["configs of other content", "configs: {a: {file: a.txt, name: x}, b: {file: b.txt, name: x}}", "configs"],
    [
      "configs of other labels",
      "configs: {a: {file: a.txt, name: x}, b: {file: a.txt, name: x, labels: [l=1]}}",
      "configs",
    ],
    [
      "one of operators and one of the app",
      "configs: {a: {file: a.txt, name: x}, b: {external: true, name: x}}",
      "configs",
    ],
    ["secrets of other content", "secrets: {a: {file: a.txt, name: x}, b: {file: b.txt, name: x}}", "secrets"],
  ])("are a mistake when they are %s", async (_, rest, kind) => {
    expect(await refusal(rest)).toMatch(
      new RegExp(
        `^compose\\.yml(:\\d+)? ${kind}\\.b: has the name of ${kind}\\.a, "x", and is not the same\\n  remedy: `,
      ),
    );
  });

  test("are a mistake when they are networks of other kinds", async () => {
    const services = 'version: "3.8"\nservices: {app: {image: "wiki:1.0", networks: [a, b]}}\n';
    const told = await refusal("networks: {a: {name: x}, b: {name: x, internal: true}}", services);
    expect(told).toMatch(/^compose\.yml:\d+ networks\.b: has the name of networks\.a/);
  });
});

test("configs and secrets that are too much together are refused, each that is one too many", async () => {
  const keys = Array.from({ length: 11 }, (_, index) => `  c${index}: {file: big.txt}\n`);
  const told = await load(`configs:\n${keys.join("")}`, { "big.txt": "x".repeat(900_000) }).then(() => "", say);
  expect(
    told.match(/configs\.c\d+: with "big\.txt" the app's configs have more than 8388608 bytes together/g),
  ).toHaveLength(2);
});

test("two files at one place in a service are a mistake, as they are to docker/cli", async () => {
  const services = (rest: string) => `version: "3.8"\nservices: {app: {image: "wiki:1.0", ${rest}}}\n`;
  const configs = "configs: {a: {file: a.txt}, b: {file: b.txt}}";
  const told = await refusal(configs, services("configs: [{source: a, target: /x}, {source: b, target: /x}]"));
  expect(told).toMatch(/^compose\.yml(:\d+)? services\.app\.configs: two configs at "\/x"/);
  expect(await refusal(configs, services("configs: [{source: a, target: /x}, {source: a, target: /y}]"))).toBe("");
});

describe("names that a Swarm refuses are refused before it, with file and key", () => {
  const long = "s".repeat(64 - NAMESPACE.length - 1);
  const fits = "s".repeat(63 - NAMESPACE.length - 1);
  const services = (rest: string) => `${SERVICES}${rest}`;

  test.each([
    ["a service", "", services(`  ${long}: {image: x}\n`), `services.${long}: name`],
    ["a service with a dot", "", services("  a.b: {image: x}\n"), "services.a.b: name"],
    [
      "a network",
      `networks: {net: {name: ${"n".repeat(64)}}}`,
      services("  b: {image: x, networks: [net]}\n"),
      "networks.net: name",
    ],
    [
      "a network with a dot",
      "networks: {net: {name: a.b}}",
      services("  b: {image: x, networks: [net]}\n"),
      "networks.net: name",
    ],
    [
      "a volume of one letter",
      "volumes: {vol: {name: v}}",
      services('  b: {image: x, volumes: ["vol:/v"]}\n'),
      "volumes.vol: name",
    ],
    [
      "a volume with a slash",
      "volumes: {vol: {name: a/b}}",
      services('  b: {image: x, volumes: ["vol:/v"]}\n'),
      "volumes.vol: name",
    ],
    ["a config", `configs: {c: {file: a.txt, name: ${"c".repeat(65)}}}`, SERVICES, "configs.c: name"],
    ["a config with a space", 'configs: {c: {file: a.txt, name: "a b"}}', SERVICES, "configs.c: name"],
    [
      "a config of 33 letters in 66 bytes",
      `configs: {c: {file: a.txt, name: ${"é".repeat(33)}}}`,
      SERVICES,
      "configs.c: name",
    ],
    ["a config at both ends", "configs: {c: {file: a.txt, name: -c-}}", SERVICES, "configs.c: name"],
    ["an external config", 'configs: {c: {external: true, name: "a b"}}', SERVICES, "configs.c: name"],
    ["a secret from a file", `secrets: {c: {file: a.txt, name: ${"c".repeat(65)}}}`, SERVICES, "secrets.c: name"],
  ])("%s", async (_, rest, text, message) => {
    expect(await refusal(rest, text)).toMatch(
      new RegExp(`^compose\\.yml(:\\d+)? ${message.replaceAll(".", "\\.")} .*\\n  remedy: `),
    );
  });

  test("all at once", async () => {
    const told = await refusal(
      'configs: {c: {file: none, name: "a b"}, d: {file: a.txt, name: "d d"}}',
      services("  a.b: {image: x}\n"),
    );
    expect(told.match(/^compose\.yml:\d+ [^ ]+/gm)).toEqual([
      expect.stringContaining(" services.a.b:"),
      expect.stringContaining(" configs.c:"),
      expect.stringContaining(" configs.d:"),
      expect.stringContaining(" configs.c:"),
    ]);
  });

  test("what just fits is taken, and what a driver of its own may call as it likes", async () => {
    await load(
      `networks: {net: {name: ${"n".repeat(63)}}}
volumes: {vol: {name: a/b, driver: vendor}, ext: {name: x, external: true}, ok: {name: o_}}
configs: {c: {file: a.txt, name: ${"c".repeat(64)}}, d: {file: a.txt, name: a.b-c_d}}
`,
      {},
      services(`  ${fits}: {image: x, networks: [net], volumes: ["vol:/v", "ext:/w", "ok:/ok"]}\n`),
    );
  });
});
