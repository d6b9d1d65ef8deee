import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readTemplate } from "../../compose/go-template/read.ts";
import { templateFindings } from "../../compose/objects/templates.ts";
import { describe as say } from "../../lib/errors.ts";
import { loadFiles } from "../fixtures/app.ts";
import { serviceSpec } from "../fixtures/spec.ts";

const ENV = { A: "1", EMPTY: "", PASSED: null };
const read = (text: string, env: Record<string, string | null> = ENV) => readTemplate(text)(env);
/** Calls as `source argument`, with `?` where it may not happen and `(…)` where the value is only asked about. */
const calls = (text: string) =>
  read(text).calls.map(({ source, argument, reached, plain }) => {
    const call = `${source} ${argument}`;
    return `${plain ? call : `(${call})`}${reached ? "" : "?"}`;
  });

describe("what a template calls", () => {
  test.each<[string, string[]]>([
    ['{{ env "A" }}{{secret `x y`}}{{- config "/etc/c" -}}', ["env A", "secret x y", "config /etc/c"]],
    ['env "A" {{ "env" }} }} {{ `env "A"` }}', []],
    ['{{/* env "A" and secret "x" */}}{{- /* config\n"y" */ -}}', []],
    ['{{ env "A\\"B" }}', ['env A"B']],
    ['{{ env\n  "A"\n}}', ["env A"]],
    ['{{ printf "%s" (env "A") }}{{ env "A" | print }}{{ "A" | env }}', ["env A", "env A", "env A"]],
    ['{{ or (env "A") "x" }}{{ env "A" | or "x" }}{{ eq (env "A") "x" }}', ["(env A)", "(env A)", "(env A)"]],
    ['{{ $x := env "A" }}{{ $x }}', ["(env A)"]],
    ['{{ define "t" }}{{ env "A" }}{{ end }}', ["env A?"]],
    ['{{ define "t" }}{{ env "A" }}{{ end }}{{ template "t" . }}', ["env A"]],
    ['{{ block "t" . }}{{ secret "x" }}{{ end }}', ["secret x"]],
  ])("%s", (text, wanted) => {
    expect(calls(text)).toEqual(wanted);
    expect(read(text).problems).toEqual([]);
  });

  test.each<[string, string[]]>([
    ['{{ if env "A" }}{{ secret "x" }}{{ else }}{{ secret "y" }}{{ end }}', ["(env A)", "secret x", "secret y?"]],
    [
      '{{ if env "EMPTY" }}{{ secret "x" }}{{ else }}{{ secret "y" }}{{ end }}',
      ["(env EMPTY)", "secret x?", "secret y"],
    ],
    ['{{ if env "PASSED" }}{{ secret "x" }}{{ end }}', ["(env PASSED)", "secret x?"]],
    [
      '{{ if env "NONE" }}a{{ else if eq (env "A") "1" }}{{ secret "x" }}{{ end }}',
      ["(env NONE)", "(env A)", "secret x"],
    ],
    ['{{ if ne (env "A") "2" "3" }}{{ secret "x" }}{{ end }}', ["(env A)", "secret x"]],
    [
      '{{ if and (not (env "EMPTY")) (or false (env "A")) }}{{ secret "x" }}{{ end }}',
      ["(env EMPTY)", "(env A)", "secret x"],
    ],
    ['{{ if and (env "EMPTY") (secret "x") }}{{ end }}', ["(env EMPTY)", "(secret x)?"]],
    [
      '{{ if eq (secret "s") "1" }}{{ secret "x" }}{{ else }}{{ secret "y" }}{{ end }}',
      ["(secret s)", "secret x?", "secret y?"],
    ],
    ['{{ with env "A" }}{{ . }}{{ secret "x" }}{{ end }}', ["(env A)", "secret x"]],
    ['{{ range .Service.Labels }}{{ secret "x" }}{{ end }}', ["secret x?"]],
  ])("depends on the variables: %s", (text, wanted) => {
    expect(calls(text)).toEqual(wanted);
  });
});

describe("what Swarm rejects", () => {
  test.each<[string, number, RegExp]>([
    ["a\n{{ nofunc }}", 2, /function "nofunc" is unknown/],
    ["{{ if }}", 1, /if lacks a value/],
    ['{{ if env "A" }}\n', 1, /\{\{ if \}\} has no \{\{ end \}\}/],
    ["a\n{{ end }}", 2, /\{\{ end \}\} can't stand there/],
    ["{{ env `A`", 1, /\{\{ has no \}\}/],
    ['\n\n{{ env "A }}', 3, /can't stand there/],
    ["{{ /* open */", 1, /can't stand there/],
    ["{{/* open", 1, /a comment has no end/],
    ["{{ $x }}", 1, /\$x is set nowhere/],
    ["{{ if true }}{{ $x := 1 }}{{ end }}{{ $x }}", 1, /\$x is set nowhere/],
    ["{{ break }}", 1, /is in no \{\{ range \}\}/],
    ['{{ template "t" . }}', 1, /no template "t"/],
    ["{{ .Env.A }}", 1, /no \.Env\.A/],
    ["{{ $.Node.Name }}", 1, /no \.Node\.Name/],
    ['{{ env "A" "B" }}', 1, /env takes one name/],
    ["{{ secret }}", 1, /secret takes one name/],
    [`{{ ${"(".repeat(1000)}`, 1, /nested too deeply/],
  ])("%j", (text, line, message) => {
    expect(read(text).problems).toEqual([{ line, message: expect.stringMatching(message) }]);
  });

  test.each([
    "{{ .Service.Name }}{{ .Service.Labels.any }}{{ $.Task.Slot }}{{ .Node.Platform.OS }}",
    '{{ with env "A" }}{{ .Anything }}{{ end }}{{ range $k, $v := .Service.Labels }}{{ $k }}{{ break }}{{ end }}',
    '{{ if env "NONE" }}{{ .Nowhere }}{{ template "none" }}{{ end }}',
    '{{ index .Service.Labels "a" | html }}{{ 1.5e3 }}{{ \'x\' }}{{ -3 }}{{ 0x1f }}{{ nil | print }}{{ join "," "a" }}',
    "a } b { c }} d",
    "",
  ])("but not %j", (text) => {
    expect(read(text).problems).toEqual([]);
  });
});

test("any text is read or told to be broken, and what is added to a good template leaves its calls", () => {
  const piece = fc.constantFrom(
    "{{",
    "}}",
    "{{- ",
    " -}}",
    "if",
    "end",
    "env",
    '"A"',
    "`",
    "(",
    ")",
    "|",
    "$x",
    ":=",
    ".",
    "\n",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 4 })), { maxLength: 12 }), (pieces) => {
      const text = pieces.join(" ");
      const { calls: found, problems } = read(text);
      expect(problems.every(({ line }) => line >= 1 && line <= text.split("\n").length)).toBe(true);
      const isBroken = problems.length > 0 && found.length === 0;
      if (isBroken || text.includes("{{")) return;
      expect(read(`${text}\n{{ secret "s" }}`).calls).toMatchObject([{ source: "secret", argument: "s" }]);
    }),
    { numRuns: 2000 },
  );
});

const COMPOSE = `version: "3.8"
services:
  app:
    image: wiki:1.0
    secrets: [token]
    configs: [{source: conf, target: /etc/conf}]
  db:
    image: db:1.0
    environment: [OWN=1, "LISTED"]
    configs: [{source: conf, target: /etc/conf}, other]
configs:
  conf: {name: "\${STACK_NAME}_conf_v1", file: conf.tmpl, template_driver: golang}
  other: {name: "\${STACK_NAME}_other_v1", file: other.tmpl, template_driver: golang}
  unused: {name: "\${STACK_NAME}_unused_v1", file: unused.tmpl, template_driver: golang}
secrets:
  token: {external: true, name: "\${STACK_NAME}_token_v1"}
`;
const SAMPLE = "TYPE=wiki\nDOMAIN=wiki.example.com\nSSO=\n#OPTION=1\n";
const load = (conf: string, other = "x", unused = "x") =>
  loadFiles({
    "compose.yml": COMPOSE,
    ".env.sample": SAMPLE,
    "conf.tmpl": conf,
    "other.tmpl": other,
    "unused.tmpl": unused,
  });
const refusal = (...templates: [string, ...string[]]) => load(...templates).then(() => "", say);

describe("a template that an app can't be deployed with is refused, with its file and line", () => {
  test.each<[string, string, string[]]>([
    [
      "a secret that one service lacks",
      'a\n{{ secret "token" }}',
      ["conf.tmpl:2: service db mounts no secret at token"],
    ],
    [
      "a config by its key",
      '{{ config "conf" }}',
      ["conf.tmpl:1: service app mounts no config at conf", "conf.tmpl:1: service db mounts no config at conf"],
    ],
    ["broken syntax, once for all services", "\n{{ if }}", ["conf.tmpl:2: if lacks a value"]],
    ["an unknown function", "{{ nofunc }}", ['conf.tmpl:1: function "nofunc" is unknown to Swarm']],
    [
      "what a branch needs that is taken",
      '{{ if eq (env "OWN") "1" }}{{ secret "x" }}{{ end }}',
      ["conf.tmpl:1: service db mounts no secret at x"],
    ],
  ])("%s", async (_, template, messages) => {
    const told = await refusal(template);
    expect(told.split("\n").filter((line) => !line.startsWith("  remedy:"))).toEqual(messages);
  });

  test("all of them at once, with how to mend them", async () => {
    const told = await refusal('{{ config "c" }}', '{{ secret "s" }}');
    expect(told).toBe(`conf.tmpl:1: service app mounts no config at c
  remedy: mount it in service app: the name is that of its target file
conf.tmpl:1: service db mounts no config at c
  remedy: mount it in service db: the name is that of its target file
other.tmpl:1: service db mounts no secret at s
  remedy: mount it in service db: the name is that of its target file`);
  });

  test.each<[string, string, string?, string?]>([
    ["a variable that is asked for", '{{ if env "NOPE" }}a{{ end }}{{ with env "NOPE" }}{{ . }}{{ end }}'],
    ["a variable with a default", '{{ or (env "NOPE") "x" }}{{ env "NOPE" | or "x" }}'],
    ["what a branch needs that is not taken", '{{ if env "SSO" }}{{ secret "sso" }}{{ env "NOPE" }}{{ end }}'],
    ["what a branch needs that may be taken", '{{ if eq (config "/etc/conf") "1" }}{{ secret "sso" }}{{ end }}'],
    ["names in a comment", '{{/* secret "gone" and env "GONE" */}}'],
    ["a variable listed by name alone", "x", '{{ env "LISTED" }}{{ env "OWN" }}'],
    ["a broken template that nobody uses", "x", "x", "{{ if"],
  ])("but not for %s", async (_, conf, other, unused) => {
    const { warnings } = await load(conf, other ?? "x", unused ?? "x");
    expect(warnings.filter((warning) => warning.includes(".tmpl"))).toEqual([]);
  });

  const asked = (service: string, name: string) =>
    `conf.tmpl:1: service ${service} has no variable ${name}, and Swarm puts an empty text there: `;
  const inDb = (name: string) => `add ${name} to the environment of service db, or `;
  const orDefault = (name: string) => `give it a default: {{ or (env "${name}") "..." }}`;

  test.each<[string, string, string[]]>([
    [
      "the app in another service",
      '{{ env "DOMAIN" }}',
      [asked("db", "DOMAIN") + inDb("DOMAIN") + orDefault("DOMAIN")],
    ],
    [
      "an option in another service",
      '{{ env "OPTION" }}',
      [asked("db", "OPTION") + inDb("OPTION") + orDefault("OPTION")],
    ],
    [
      "nobody",
      '{{ printf "%s" (env "NOPE") }}',
      [
        `${asked("app", "NOPE")}add NOPE to .env.sample, or ${orDefault("NOPE")}`,
        asked("db", "NOPE") + inDb("NOPE") + orDefault("NOPE"),
      ],
    ],
  ])("a variable of %s is an empty text, and warned of", async (_, template, expected) => {
    const { warnings } = await load(template);
    expect(warnings.filter((warning) => warning.includes(".tmpl"))).toEqual(expected);
  });

  test("an option left out, and TYPE, read as empty or as abra sets them in service app", async () => {
    const app = COMPOSE.replace("[{source: conf, target: /etc/conf}, other]", "[other]");
    const files = { ".env.sample": SAMPLE, "other.tmpl": "x", "unused.tmpl": "x" };
    const text = '{{ env "OPTION" }}{{ env "TYPE" }}{{ env "STACK_NAME" }}{{ env "DOMAIN" }}{{ secret "token" }}';
    await loadFiles({ ...files, "compose.yml": app, "conf.tmpl": text });
  });
});

test("a template driver that Swarm does not have is refused", async () => {
  const compose = `version: "3.8"
services: {app: {image: "wiki:1.0"}}
configs: {c: {file: c.conf, template_driver: mustache}}
`;
  const told = await loadFiles({ "compose.yml": compose, "c.conf": "x" }).then(() => "", say);
  expect(told).toMatch(
    /^compose\.yml:\d+ configs\.c: template_driver "mustache" is unknown to Swarm.*\n {2}remedy: write template_driver: golang/,
  );
});

test("templates too long to be followed are refused, and of very many mistakes some are told", async () => {
  const line = '{{ env "NOPE" }}\n';
  expect(await refusal("x".repeat(300_000))).toMatch(/^conf\.tmpl:1: the templates have 600001 characters/);
  const uses = [{ file: "conf.tmpl", text: line.repeat(1000), users: [serviceSpec(), serviceSpec({ key: "db" })] }];
  expect(templateFindings(uses, { optional: new Set() })).toHaveLength(200);
});
