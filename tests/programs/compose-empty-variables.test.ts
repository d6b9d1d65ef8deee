import { describe, expect, test } from "vitest";
import { variableUses } from "../../compose/files/variables.ts";
import { parseCompose } from "../../compose/files/yaml.ts";
import { describe as say } from "../../lib/errors.ts";
import { loadFiles, loadService } from "../fixtures/app.ts";

const APP = 'version: "3.8"\nservices:\n  app:\n    image: wiki:1.0\n';
const EMPTY = "and docker puts an empty text there";
const add = (name: string) => `add ${name} to .env.sample, or give it a default: \${${name}:-...}`;

/** What is said of an app whose service is the text, from line 5 on, with an image of its own or that of the text. */
async function told(service: string, rest = ""): Promise<string> {
  const lines = service.replace(/^(?=.)/gm, "    ");
  const head = service.startsWith("image:") ? 'version: "3.8"\nservices:\n  app:\n    user: x\n' : APP;
  return loadFiles({ "compose.yml": `${head}${lines}\n${rest}` }).then(() => "no error", say);
}

describe("a variable that is defined nowhere is an empty text, as it is to docker and abra", () => {
  test.each<[string, string, string, (name: string) => string]>([
    ["in a variable", "environment: [FOO=$FOO]", "FOO", add],
    ["in a mapping", "environment: {FOO: $FOO}", "FOO", add],
    ["in a rule of Traefik", 'deploy: {labels: ["r.rule=Host(`x`$MORE)"]}', "MORE", add],
    ["in a container's label", "labels: [a=$LABEL]", "LABEL", add],
    ["in a host name", "hostname: $HOST", "HOST", add],
    ["in a shell's command", "command: sh -c 'for i in a; do echo $i; done'", "i", inShell],
    ["in an argument of a command", "command: [sh, -c, 'echo $HOME']", "HOME", inShellOrSample],
    ["in an entrypoint", "entrypoint: [sh, -c, 'exec $BIN']", "BIN", inShellOrSample],
    ["in a health check", "healthcheck: {test: 'test $HOST = a'}", "HOST", inShellOrSample],
    ["in a hook", "deploy: {labels: ['backupbot.backup.pre-hook=dump $db']}", "db", inShell],
  ])("%s", async (_, service, name, remedy) => {
    const { warnings } = await loadService(service);
    expect(warnings).toContain(`compose.yml:5: variable ${name} is defined nowhere, ${EMPTY}: ${remedy(name)}`);
  });

  test("once for all places of a file", async () => {
    const { services, warnings } = await loadService("environment: [A=$X]\nhostname: a$X\nlabels: [b=$X$X]");
    expect(services[0]?.hostname).toBe("a");
    expect(warnings).toEqual([expect.stringMatching(/^compose\.yml:5, 6, 7: variable X is defined nowhere/)]);
  });

  test("and nothing is said of one with a default, an option left out, or a text that is empty on purpose", async () => {
    const { warnings } = await loadFiles({
      ".env.sample": "#OPTION=1\nEMPTY=\n",
      "compose.yml": `${APP}    environment: ["A=\${X:-}", "B=\${Y-}", C=$OPTION, D=$EMPTY, E=$$Z]\n`,
    });
    expect(warnings).toEqual([]);
  });
});

function inShell(name: string): string {
  return `write $$${name} if the shell in the container is to see $${name}`;
}

function inShellOrSample(name: string): string {
  return `${inShell(name)}; else ${add(name)}`;
}

/** What carries a version is set where recipes have it. */
const REMEDIES: Record<string, string> = {
  "configs.c": "write export X=v1 in abra.sh",
  "secrets.s": "write X=v1 in .env.sample",
};

describe("where an empty text is no value, the variable is the mistake", () => {
  test.each<[string, string, string, string?]>([
    ["an image's tag", "image: wiki:$X", "services.app.image"],
    ["a whole image", "image: $X", "services.app.image"],
    ["a digest", "image: wiki@$X", "services.app.image"],
    ["a port", 'ports: ["80:$X"]', ""],
    ["a number", "deploy: {replicas: $X}", ""],
    ["a truth value", "init: $X", ""],
    ["a duration", "stop_grace_period: $X", ""],
    ["a constraint", 'deploy: {placement: {constraints: ["node.labels.a == $X"]}}', "constraints"],
    ["a volume of the app", "volumes: ['$X:/data']", "services.app.volumes"],
    ["a mount's target", "volumes: [{type: volume, source: data, target: $X}]", "services.app.volumes"],
    ["a network's name", "networks: [net]", "networks.net", 'networks: {net: {name: "x_$X"}}\n'],
    ["a config's version", "configs: [c]", "configs.c", 'configs: {c: {file: compose.yml, name: "x_c_$X"}}\n'],
    ["a secret's version", "secrets: [s]", "secrets.s", 'secrets: {s: {external: true, name: "x_s_$X"}}\n'],
    ["a timeout", 'deploy: {labels: ["coop-cloud.$STACK_NAME.timeout=m$X"]}', "services.app.deploy.labels.0"],
  ])("%s", async (_, service, key, rest = "") => {
    const text = await told(service, rest);
    const [first = "", second] = text.split("\n");
    expect(first).toMatch(/^compose\.yml:[56]\b/);
    expect(first).toContain(key);
    expect(first).toMatch(/: variable X is defined nowhere$/);
    expect(second).toBe(`  remedy: ${REMEDIES[key] ?? add("X")}`);
  });

  test.each([
    ["an option left out", "#X=1", "variable X is empty, an option that .env.sample leaves out", "take the # before X"],
    ["an empty value", "X=", "variable X is empty in .env.sample:1", "give X a value there"],
  ])("%s", async (_, line, why, remedy) => {
    const compose = `${APP.replace("wiki:1.0", "wiki:$X")}    labels: [a=$ELSEWHERE]\n`;
    const loading = loadFiles({ ".env.sample": `${line}\n`, "compose.yml": compose });
    const text = await loading.then(() => "no error", say);
    expect(text).toMatch(/^compose\.yml:4 services\.app\.image: "wiki:" is no image reference/);
    expect(text.split("\n")[0]?.endsWith(why)).toBe(true);
    expect(text).toContain(remedy);
  });

  test("and none beside it, in another key or on another line", async () => {
    const text = await told("image: Wiki:1\nhostname: a$X\nlabels: [a=$X]");
    expect(text).toMatch(/^compose\.yml:5 services\.app\.image: .*upper case/);
    expect(text).not.toContain("variable X");
  });

  test("through an anchor, whose text stands elsewhere", async () => {
    const text = await loadFiles({
      "compose.yml": 'version: "3.8"\nx-base: &base\n  image: wiki:$X\nservices:\n  app:\n    <<: *base\n',
    }).then(() => "no error", say);
    expect(text).toMatch(/^compose\.yml:3 .*: variable X is defined nowhere/);
  });

  const V = 'version: "3.8"\n';
  test.each<[string, string, number, string, string]>([
    [
      "a text",
      `${V}x-image: &i wiki:$X\nservices:\n  app:\n    image: *i\n`,
      5,
      "services.app.image",
      " (compose.yml:2)",
    ],
    [
      "a text of another service",
      `${V}services:\n  a: {image: &i "wiki:$X"}\n  app:\n    image: *i\n`,
      5,
      "services.app.image",
      " (compose.yml:3)",
    ],
    [
      "a text through a second anchor",
      `${V}x-i: &i wiki:$X\nx-b: &b {image: *i}\nservices:\n  app:\n    <<: *b\n`,
      3,
      "services.app.image",
      " (compose.yml:2)",
    ],
    [
      "a text in a list that is merged",
      `${V}x-i: &i wiki:$X\nx-b: &b {image: *i}\nx-c: &c {user: a}\nservices:\n  app:\n    <<: [*c, *b]\n`,
      3,
      "services.app.image",
      " (compose.yml:2)",
    ],
    [
      "an item of a list",
      `${V}x-v: &v "$X:/data"\nservices:\n  app:\n    image: wiki:1.0\n    volumes:\n      - *v\n`,
      0,
      "services.app.volumes",
      " (compose.yml:2)",
    ],
    [
      "a mapping of another service",
      `${V}services:\n  a:\n    image: wiki:1.0\n    deploy: &d\n      placement: {constraints: ["node.labels.a == $X"]}\n  app:\n    image: wiki:1.0\n    deploy: *d\n`,
      0,
      "services.app.deploy.placement.constraints",
      "",
    ],
  ])("through an alias: %s", async (_, compose, line, key, where) => {
    const text = await loadFiles({ "compose.yml": compose }).then(() => "no error", say);
    const told = text.split("\n").filter((one) => one.includes(key) || key === "");
    expect(told).toEqual([expect.stringMatching(/variable X is defined nowhere/)]);
    expect(told[0]?.endsWith(`variable X is defined nowhere${where}`)).toBe(true);
    if (line > 0) expect(told[0]).toMatch(new RegExp(`^compose\\.yml:${line} `));
  });

  test("and not where the service has a key of its own over what it merges", async () => {
    const compose = `${V}x-base: &b {image: "wiki:$X"}\nservices:\n  app:\n    <<: *b\n    image: Wiki:1\n`;
    const text = await loadFiles({ "compose.yml": compose }).then(() => "no error", say);
    expect(text).toMatch(/^compose\.yml:6 services\.app\.image: .*upper case/);
    expect(text).not.toContain("variable X");
  });
});

test("a use knows the keys that lead to it, as docker/cli writes them", () => {
  const { document, lines } = parseCompose("a:\n  - b: $X\n  - [c, $Y]\nd: {e: {f: '$Z'}}\n", "compose.yml");
  expect(variableUses(document, lines).map(({ name, key }) => [name, key])).toEqual([
    ["X", "a.0.b"],
    ["Y", "a.1.1"],
    ["Z", "d.e.f"],
  ]);
});

test("and all keys at which an alias puts it", () => {
  const text = "a: &a {b: &b $X, c: [$Y]}\nd: *a\ne: {f: *b, <<: *a, c: 1}\ng: [*b]\n";
  const { document, lines } = parseCompose(text, "compose.yml");
  expect(variableUses(document, lines).map(({ name, key, aliases }) => [name, key, aliases])).toEqual([
    ["X", "a.b", ["d.b", "e.f", "e.b", "g.0"]],
    ["Y", "a.c.0", ["d.c.0"]],
  ]);
});
