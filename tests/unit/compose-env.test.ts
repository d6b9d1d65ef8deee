import fc from "fast-check";
import { expect, test } from "vitest";
import { abraShExports, readAbraSh } from "../../compose/env/abra-sh.ts";
import { envRecord, parseEnv, withDomain } from "../../compose/env/env-file.ts";
import { describe, UserErrors } from "../../lib/errors.ts";

const values = (text: string) => envRecord(parseEnv(text).entries);

/** What godotenv 1.5.1, with which abra's own parser began, was measured to make of each text. */
const MEASURED: [string, Record<string, string>][] = [
  ["A=plain", { A: "plain" }],
  ["A=", { A: "" }],
  ["A=''", { A: "" }],
  ['A=""', { A: "" }],
  ["A=two words  # comment", { A: "two words" }],
  ["A=/ /var/lib/docker", { A: "/ /var/lib/docker" }],
  ["A='*/5 * * * *'", { A: "*/5 * * * *" }],
  ["A=', `www.x.org`'", { A: ", `www.x.org`" }],
  ['A="with # hash" # comment', { A: "with # hash" }],
  ["A=foo#bar", { A: "foo#bar" }],
  ["A=foo# bar", { A: "foo# bar" }],
  ["A=https://x/#/room", { A: "https://x/#/room" }],
  ["A=#ff0000", { A: "#ff0000" }],
  ["A= # text", { A: "# text" }],
  ["A=x # y # z", { A: "x # y" }],
  ["A=x\t# y", { A: "x" }],
  ["A='a'#b", { A: "a" }],
  ["A=v1#length=12", { A: "v1#length=12" }],
  ['A="line\\nnext"', { A: "line\nnext" }],
  ['A="say \\"hi\\" there"', { A: 'say "hi" there' }],
  ['A="say \\"hi\\""', { A: 'say "hi\\' }],
  ['A="a\\tb\\\\c"', { A: "atb\\c" }],
  ['A="\\\\n"', { A: "\\n" }],
  ['A="a\\$B"', { A: "a$B" }],
  ["A='a\\nb'", { A: "a\\nb" }],
  ["A='x\\'y'", { A: "x\\'y" }],
  ["A=a\\nb", { A: "a\\nb" }],
  ["A=a=b=c", { A: "a=b=c" }],
  ["A=a:b", { A: "a:b" }],
  ["A: yaml", { A: "yaml" }],
  ["A:yaml=1", { A: "yaml=1" }],
  ["A = x ", { A: "x" }],
  ["\tA=1", { A: "1" }],
  ["export A=x", { A: "x" }],
  ["export\tA=x", { A: "x" }],
  ["exportA=1", { exportA: "1" }],
  ["export=1", { export: "1" }],
  ["A.B=1", { "A.B": "1" }],
  ["1A=2", { "1A": "2" }],
  ["A B=1", { "A B": "1" }],
  ['A="l1\nl2"', { A: "l1\nl2" }],
  ["A='l1\nl2'\nB=1", { A: "l1\nl2", B: "1" }],
  ['A="x\n# no comment\nB=2"\nC=3', { A: "x\n# no comment\nB=2", C: "3" }],
  ['A="x" B=2', { A: "x", B: "2" }],
  ['A="x" # c\nB=2', { A: "x", B: "2" }],
  ["A=1\r\nB=2\r\n", { A: "1", B: "2" }],
  ["A=1\rB=2", { A: "1", B: "2" }],
  ['A="x\r\ny"', { A: "x\ny" }],
  ["A=price\\$5", { A: "price$5" }],
  ["A=$UNKNOWN.", { A: "." }],
  [`A=$lower \${lower} $ \${}`, { A: `$lower \${lower} $ \${}` }],
  [`B=1\nA=\${B}x$B-$Bx`, { A: "1x1-1x", B: "1" }],
  ["B=1\nA='$B'", { A: "$B", B: "1" }],
  ['B=1\nA="$B"', { A: "1", B: "1" }],
  [`B=1\nA=\${B:-x}`, { A: "1:-x}", B: "1" }],
  ["B=1\nA=$(B)", { A: "1)", B: "1" }],
  ["A=$(b)", { A: "$(b)" }],
  ["A=1\nA=$A$A", { A: "11" }],
  ["A=pa$$word", { A: "pa$$word" }],
  ["A=user$1", { A: "user" }],
  ['A={"a":"b # c"}', { A: '{"a":"b' }],
  ["A=it's # c", { A: "it's" }],
  ['A=a "b"', { A: 'a "b"' }],
  ['A=%"x', { A: '%"x' }],
  ["A=a\u00a0", { A: "a" }],
  [" \u3000A=1", { A: "1" }],
];

test.each(MEASURED)("%j is read as godotenv reads it", (text, expected) => {
  expect(values(text)).toEqual(expected);
});

test.each([
  ["A='it''s'", ".env.sample:1: no assignment: expected KEY=value"],
  ['A="{"a":1}"', ".env.sample:1: no assignment: expected KEY=value"],
  ['A="a" "b"', ".env.sample:1: no assignment: expected KEY=value"],
  ["A-B=1", ".env.sample:1: no assignment: expected KEY=value"],
  ["=x", ".env.sample:1: no assignment: expected KEY=value"],
  ["\u00c9=1", ".env.sample:1: no assignment: expected KEY=value"],
  ['B=1\n\nA="open\nC=1', '.env.sample:3: the quote " is never closed'],
  ["A='open # c", ".env.sample:1: the quote ' is never closed"],
  ["\ufeffA=1", ".env.sample:1: begins with a byte order mark, where abra expects a name"],
  ["A=1\nB=x\0y", ".env.sample:2: holds a NUL byte, which no variable can have"],
])("%j is refused with its line, as abra refuses it or no program can take it", (text, message) => {
  expect(() => parseEnv(text)).toThrow(UserErrors);
  expect(() => parseEnv(text)).toThrow(message);
});

test("what abra reads otherwise than it looks is warned of, with its line", () => {
  const text = [
    "A= # text",
    "B=x # y # z",
    'C="say \\"hi\\""',
    "D E=1",
    "F=caf\ufffd",
    "COLOR=#ff0000",
    "URL=https://x/#/room # why",
    "LITERAL=' # '",
  ].join("\n");
  expect(parseEnv(text).warnings).toEqual([
    '.env.sample:1 A: "# text" looks like a comment, and is the value to abra',
    '.env.sample:2 B: "x # y" looks like a comment, and is the value to abra',
    ".env.sample:3 C: abra loses the escaped quote at the end of the value",
    ".env.sample:4 D E: the name of the variable has a space in it",
    ".env.sample:5 F: the value is not UTF-8, and some of it is lost",
  ]);
});

test("lines count on through values of several lines", () => {
  const { entries, optional } = parseEnv('A="1\n2\n3" # length=3\nB=4\n#C=5\n#D="6');
  expect(entries).toMatchObject([
    { key: "A", line: 1, modifiers: { length: "3" } },
    { key: "B", line: 4 },
  ]);
  expect(optional).toMatchObject([
    { key: "C", value: "5", line: 5 },
    { key: "D", line: 6 },
  ]);
});

test("values that double with each line are refused before they fill the memory", () => {
  const bomb = ["A0=xxxxxxxxxx", ...Array.from({ length: 40 }, (_, index) => `A${index + 1}=$A${index}$A${index}`)];
  expect(() => parseEnv(bomb.join("\n"))).toThrow(".env.sample:14: the value of A13 is longer than 64 KiB");
  const options = [`A=${"x".repeat(60_000)}`, ...Array.from({ length: 9 }, () => "#B=$A")];
  expect(() => parseEnv(options.join("\n"))).toThrow(".env.sample:5: all values up to B have more than 256 KiB");
});

test("bounds count bytes, and let through what is within them", () => {
  const longest = "\u00e9".repeat(32 << 10);
  expect(values(`A=${longest}`)).toEqual({ A: longest });
  expect(() => parseEnv(`A=x${longest}`)).toThrow("the value of A is longer than 64 KiB");
});

test("COMPOSE_FILE grows by its own earlier value, and the last line counts", () => {
  const text = `COMPOSE_FILE="compose.yml"\nCOMPOSE_FILE="$COMPOSE_FILE:compose.a.yml"\nCOMPOSE_FILE="\${COMPOSE_FILE}:b/compose.b.yml"`;
  expect(values(text).COMPOSE_FILE).toBe("compose.yml:compose.a.yml:b/compose.b.yml");
});

test("a trailing comment modifies, whatever the spaces before it", () => {
  const [entry] = parseEnv("\n\nSECRET_DB_VERSION=v1     # length=32 charset=default,special generate=false").entries;
  expect(entry).toMatchObject({ value: "v1", line: 3 });
  expect(entry?.modifiers).toEqual({ length: "32", charset: "default,special", generate: "false" });
});

test("commented-out assignments are kept as options, and set nothing", () => {
  const env = parseEnv('A=1\n\n# Mail\n#SMTP=1\n# COMPOSE_FILE="$COMPOSE_FILE:mail.yml"\n\n#OTHER=2');
  expect(envRecord(env.entries)).toEqual({ A: "1" });
  expect(env.optional.map(({ line, key }) => [line, key])).toEqual([
    [4, "SMTP"],
    [5, "COMPOSE_FILE"],
    [7, "OTHER"],
  ]);
});

test("each line that is no assignment is named with its number", () => {
  expect(() => parseEnv("A=1\nnonsense\nX-1=2")).toThrow(UserErrors);
  expect(() => parseEnv("A=1\nnonsense\nX-1=2")).toThrow(/\.env\.sample:2: .*\n.*\.env\.sample:3: /s);
});

test("of a file that is no env file at all, a hundred mistakes are enough", () => {
  const refused = () => parseEnv("nonsense\n".repeat(20_000));
  expect(refused).toThrow(UserErrors);
  expect(refused).toThrow(".env.sample:100: ");
  expect(refused).not.toThrow(".env.sample:101: ");
});

test("the sample's domain becomes the app's, also inside quotes", () => {
  const text = "DOMAIN=wiki.example.com\nEXTRA=', `www.wiki.example.com`'\nOTHER=example.com";
  expect(values(withDomain(text, "wiki", "wiki-1.ci.test"))).toEqual({
    DOMAIN: "wiki-1.ci.test",
    EXTRA: ", `www.wiki-1.ci.test`",
    OTHER: "example.com",
  });
});

test("any text without a quote comes back out of single quotes, lines and all", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[^'\r\0]*$/), (value) => {
      // It would escape the closing quote.
      fc.pre(!value.endsWith("\\"));
      expect(values(`KEY='${value}'`)).toEqual({ KEY: value });
    }),
  );
});

test("any input gives variables or a user's error, never another one", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      try {
        parseEnv(text);
      } catch (error) {
        expect(error).toBeInstanceOf(UserErrors);
      }
    }),
  );
});

test("abra.sh gives what abra's own pattern finds, and runs nothing", () => {
  const text = [
    "export A=v1",
    "export COMMENT=v2 # why",
    "NOT_EXPORTED=1",
    "abra_backup() { export INNER=1; }",
    "export C=v3;export D=v4",
    "export E=a-b.c",
    "export LAST=v1",
    "export LAST=v2",
    "#export Q=1",
  ].join("\n");
  expect(abraShExports(readAbraSh(text))).toEqual({ A: "v1", COMMENT: "v2 # why", D: "v4", E: "a-b.c", LAST: "v2" });
});

test.each([
  ['export B="v2"', "because of the quotes"],
  ["export B='v2'", "because of the quotes"],
  ["  export B=v2", "because of the space before it"],
  ["export  B=v2", "because what follows export is not one space"],
  ["export\tB=v2", "because what follows export is not one space"],
  ["export B=", "because the value begins with no letter, digit or _"],
  ["export B=$(touch /tmp/x)", "because the value begins with no letter, digit or _"],
  ["export B=1 # export C=2", "because another export follows in the line"],
])("%j sets no B to abra", (text, why) => {
  const { exports, unseen, errors } = readAbraSh(`\n${text}`);
  expect(exports.map(({ key }) => key)).not.toContain("B");
  expect(unseen).toEqual([{ key: "B", line: 2, text: text.trim(), why }]);
  expect(errors).toEqual([]);
});

test.each([
  [
    "a second =",
    "export A=v1 # see x=y",
    /abra cuts what follows the last "export " of the line at "=", and there are 2/,
  ],
  ["a = in the value", "export A=v9=x", /there are 2/],
  ["no = after the last export", "export A=v1 # re-export it", /there are 0/],
  ["a NUL byte", "export A=v1\0", /holds a NUL byte/],
  ["a value that is too long", `export A=${"x".repeat(70_000)}`, /the value of A is longer than 64 KiB/],
])("abra.sh: %s is an error with its line", (_, text, message) => {
  const { exports, errors } = readAbraSh(`export OK=1\n${text}`);
  expect(exports.filter(({ key, value }) => key === "A" && value.length < 1000)).toEqual([]);
  expect(errors.map(describe)).toEqual([expect.stringMatching(message)]);
  expect(errors[0]?.place).toEqual({ file: "abra.sh", line: 2 });
});
