import { expect, test } from "vitest";
import { composeText } from "../../compose/files/text.ts";
import { parseCompose } from "../../compose/files/yaml.ts";
import { describe, UserErrors } from "../../lib/errors.ts";

const APP = "services:\n  app:\n    image: x\n";

/** A file as plain data, or what is wrong with it. */
function read(content: string | Buffer): unknown {
  try {
    return parseCompose(composeText(Buffer.from(content), "c.yml"), "c.yml").raw;
  } catch (error) {
    if (error instanceof UserErrors) return describe(error);
    throw error;
  }
}

const PLAIN = { services: { app: { image: "x" } } };

test.each<[string, string, unknown]>([
  ["Windows line ends", APP.replaceAll("\n", "\r\n"), PLAIN],
  ["a byte order mark", `\ufeff${APP}`, PLAIN],
  ["a document's begin and end", `---\n${APP}...\n`, PLAIN],
  ["letters of any script", `${APP}    user: "ü 名 🎈"\n`, { services: { app: { image: "x", user: "ü 名 🎈" } } }],
  [
    "a merge",
    `x-a: &a {user: "1"}\n${APP}    <<: *a\n`,
    { "x-a": { user: "1" }, services: { app: { image: "x", user: "1" } } },
  ],
  [
    "hidden characters by their code",
    `${APP}    user: "\\u2028"\n`,
    { services: { app: { image: "x", user: "\u2028" } } },
  ],
  [
    "a colon and a question mark in their places",
    `x-a: {b: "c:", d: e?, f: g:h}\n${APP}`,
    { "x-a": { b: "c:", d: "e?", f: "g:h" }, ...PLAIN },
  ],
  ["? and : where lines are of their own", `x-a:\n  ?b: :c\n${APP}`, { "x-a": { "?b": ":c" }, ...PLAIN }],
])("%s is read", (_, text, raw) => {
  expect(read(text)).toEqual(raw);
});

test.each([
  ["next line", "\u0085", "0085"],
  ["line separator", "\u2028", "2028"],
  ["paragraph separator", "\u2029", "2029"],
  ["lone carriage return", "\r", "000D"],
  ["byte order mark within", "\ufeff", "FEFF"],
  ["NUL", "\0", "0000"],
  ["escape", "\u001b", "001B"],
])("a %s, behind which docker/cli may see another line, is refused with its own", (_, character, code) => {
  expect(read(`${APP}# a${character}    env_file: /etc/passwd\n`)).toMatch(`c.yml:4: holds U+${code}`);
  expect(read(`${APP}    user: 'a${character}b'\n`)).toMatch(`c.yml:4: holds U+${code}`);
});

test("every line with such a character is told, ten at most", () => {
  const text = `${APP}${"# \u2028\u2028\n".repeat(30)}`;
  expect(String(read(text)).match(/c\.yml:\d+: holds/g)).toHaveLength(10);
});

test.each<[string, Buffer, string]>([
  ["UTF-16", Buffer.from(`\ufeff${APP}`, "utf16le"), "c.yml:1: is UTF-16"],
  ["UTF-16 the other way round", Buffer.from(`\ufeff${APP}`, "utf16le").swap16(), "c.yml:1: is UTF-16"],
  ["Latin-1", Buffer.from(`${APP}    user: caf\u00e9\n`, "latin1"), "c.yml:4: is no UTF-8 text"],
])("%s is refused", (_, bytes, message) => {
  expect(read(bytes)).toMatch(message);
});

test.each([
  ["a second document", `${APP}---\n${APP}`, "c.yml:4: begins a second document"],
  ["bytes as base64", `${APP}    env_file: !!binary L2V0Yy9wYXNzd2Q=\n`, "c.yml:4: tag !!binary is not taken"],
  ["a tag of a key", `${APP}    ? !!str user\n    : a\n`, "c.yml:4: tag !!str is not taken"],
  ["a hidden merge", `x-a: &a {env_file: /x}\n${APP}    !!merge "<<": *a\n`, "c.yml:5: tag !!merge is not taken"],
  ["a tag that means none", `${APP}    ! "<<": {}\n`, "c.yml:4: tag ! is not taken"],
  [
    "a tag by another name",
    `%TAG !e! tag:yaml.org,2002:\n---\n${APP}    user: !e!binary YQ==\n`,
    "tag !!binary is not",
  ],
  ["a key twice", `${APP}    user: a\n    "user": b\n`, 'c.yml:5: key "user" is given twice'],
  ["a merge twice", `x-a: &a {b: "1"}\n${APP}    <<: *a\n    <<: *a\n`, 'c.yml:6: key "<<" is given twice'],
  ["a number as a key", `${APP}    labels: {1: a}\n`, "c.yml:4: key 1 is no text"],
  ["nothing as a key", `${APP}    labels: {~: a}\n`, "c.yml:4: key ~ is no text"],
  ["a list as a key", `${APP}    labels: {[a]: b}\n`, "c.yml:4: key is no text"],
  ["an alias as a key", `x-a: &a app\n${APP}  *a : {image: y}\n`, "c.yml:5: key is no text"],
  ["an alias of nothing", `${APP}    user: *a\n`, "c.yml:4: *a names no anchor before it"],
  ["an alias before its anchor", `x-b: *a\nx-a: &a b\n${APP}`, "c.yml:1: *a names no anchor before it"],
  ["an anchor in itself", `x-a: &a\n  - [*a]\n${APP}`, "c.yml:2: anchor a holds itself"],
  ["no mapping to merge", `${APP}    <<: text\n`, "c.yml: Merge sources must be maps"],
  [
    "a key that begins with ? in {}",
    `x-a: {user: a, ?env_file: /etc/passwd}\n${APP}`,
    "c.yml:1: a text in {} or [] begins",
  ],
  ["a key that begins with : in {}", `x-a: {:env_file: /etc/passwd}\n${APP}`, "c.yml:1: a text in {} or [] begins"],
  ["a colon before a bracket", `x-a: {env_file:, b: c}\n${APP}`, "c.yml:1: a colon in {} or [] has no white space"],
  ["a key that begins with ? in a list in {}", `x-a: {b: [?c: d]}\n${APP}`, "c.yml:1: a text in {} or [] begins"],
  ["a colon at a bracket", `x-a:\n  - [a :]\n${APP}`, "c.yml:2: a colon in {} or [] has no white space"],
  ["an anchor of odd letters", `x-a: {&a: b}\n${APP}`, "c.yml:1: anchor a: has other than letters"],
  ["an alias of odd letters", `x-a: &a.b c\nx-d: *a.b\n${APP}`, "c.yml:2: anchor a.b has other than letters"],
  ["an escaped line end before an empty line", `x-a: "b\\\n\n  c"\n${APP}`, "c.yml:1: a backslash goes before"],
  ["bad syntax", `${APP}  }\n`, "c.yml:4: Unexpected"],
])("%s is refused with its line", (_, text, message) => {
  expect(read(text)).toContain(message);
});

const TOO_MANY =
  "c.yml: more than 20000 keys and values, aliases followed\n  remedy: repeat less by aliases, and leave overlays out";

test.each([101, 900, 3_000, 20_000])("%d levels are refused in words", (depth) => {
  expect(read(`x-a: ${"[".repeat(depth)}${"]".repeat(depth)}\n${APP}`)).toBe(
    "c.yml:1: is nested more than 100 levels deep\n  remedy: write it in fewer levels: docker knows no key below the eighth",
  );
});

test("levels of mappings count as well, and 100 are not too many", () => {
  const nested = (depth: number) =>
    `x-a:\n${Array.from({ length: depth }, (_, level) => `${" ".repeat(level + 1)}a:\n`).join("")}`;
  expect(read(`${nested(99)}${APP}`)).toMatchObject(PLAIN);
  expect(read(`${nested(900)}${APP}`)).toMatch(/^c\.yml:\d+: is nested more than 100 levels deep$/m);
});

test("aliases that blow up are refused", () => {
  const levels = [..."bcdefghij"].map((name, index) => {
    const lower = `*${"abcdefghij"[index]}`;
    return `x-${name}: &${name} [${lower}, ${lower}, ${lower}, ${lower}]\n`;
  });
  expect(read(`x-a: &a [x, x]\n${levels.join("")}${APP}`)).toBe(TOO_MANY);
});

test("one anchor may be used often, and what it holds counts each time", () => {
  const uses = (count: number) => `x-a: &a {b: "1", c: [d, e]}\n${APP}x-b:\n${"  - *a\n".repeat(count)}`;
  // Seven nodes each: the mapping, two keys, a text, a list and its two.
  expect(read(uses(2_800))).toMatchObject(PLAIN);
  expect(read(uses(2_900))).toBe(TOO_MANY);
  const before = `x-a: &a b\nx-c: *a\nx-d: &a [x, y]\n${APP}x-b: [${"*a, ".repeat(6_800)}]\n`;
  expect(read(before)).toBe(TOO_MANY);
});

test("a long mapping is read in time that grows with its length alone", { timeout: 20_000 }, () => {
  // Each key compared with all before it would be fifty million comparisons.
  const labels = Array.from({ length: 9_900 }, (_, index) => `      l${index}: x\n`).join("");
  expect(read(`${APP}    labels:\n${labels}`)).toMatchObject(PLAIN);
});
