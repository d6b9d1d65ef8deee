import fc from "fast-check";
import { expect, test } from "vitest";
import { abraShExports } from "../../compose/abra-sh.ts";
import { envRecord, parseEnv, withDomain } from "../../compose/env.ts";
import { UserErrors } from "../../lib/errors.ts";

const values = (text: string) => envRecord(parseEnv(text).entries);

test.each([
  ["A=plain", "plain"],
  ["A=", ""],
  ["A=''", ""],
  ["A=two words  # comment", "two words"],
  ["A=/ /var/lib/docker", "/ /var/lib/docker"],
  ["A='*/5 * * * *'", "*/5 * * * *"],
  ["A=', `www.x.org`'", ", `www.x.org`"],
  ['A="with # hash" # comment', "with # hash"],
  ["A='it''s $HOME'", "it''s $HOME"],
  ['A="line\\nnext"', "line\nnext"],
  ['A="say \\"hi\\""', 'say "hi"'],
  ["A=a=b=c", "a=b=c"],
  ["export A=x", "x"],
  ["A=price\\$5", "price$5"],
  ["A=$UNKNOWN.", "."],
])("%s gives %j", (line, value) => {
  expect(values(line)).toEqual({ A: value });
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

test("commented-out assignments are kept as blocks, and set nothing", () => {
  const env = parseEnv('A=1\n\n# Mail\n#SMTP=1\n# COMPOSE_FILE="$COMPOSE_FILE:mail.yml"\n\n#OTHER=2');
  expect(envRecord(env.entries)).toEqual({ A: "1" });
  expect(env.optional.map((block) => [block.line, block.entries.map((entry) => entry.key)])).toEqual([
    [4, ["SMTP", "COMPOSE_FILE"]],
    [7, ["OTHER"]],
  ]);
});

test("each line that is no assignment is named with its number", () => {
  expect(() => parseEnv("A=1\nnonsense\n1X=2")).toThrow(UserErrors);
  expect(() => parseEnv("A=1\nnonsense\n1X=2")).toThrow(/\.env\.sample:2: .*\n.*\.env\.sample:3: /s);
});

test("the sample's domain becomes the app's, also inside quotes", () => {
  const text = "DOMAIN=wiki.example.com\nEXTRA=', `www.wiki.example.com`'\nOTHER=example.com";
  expect(values(withDomain(text, "wiki", "wiki-1.ci.test"))).toEqual({
    DOMAIN: "wiki-1.ci.test",
    EXTRA: ", `www.wiki-1.ci.test`",
    OTHER: "example.com",
  });
});

test("any text without a quote comes back out of single quotes", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[^'\r\n\0]*$/), (value) => {
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
    'export QUOTED="v1"',
    "  export INDENTED=v1",
    "export COMMENT=v2 # why",
    "NOT_EXPORTED=1",
    "export DB=$(touch /tmp/x)",
    "abra_backup() { export INNER=1; }",
  ].join("\n");
  expect(abraShExports(text)).toEqual({ A: "v1", COMMENT: "v2 # why" });
});
