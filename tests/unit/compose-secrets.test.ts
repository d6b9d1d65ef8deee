import { expect, test } from "vitest";
import type { SecretGeneration } from "../../compose/app-spec.ts";
import { generateSecret } from "../../compose/secrets.ts";
import { WORDS } from "../../compose/words.ts";
import { UserError } from "../../lib/errors.ts";
import { loadFiles, NAMESPACE } from "../fixtures/app.ts";

const value = (generate: SecretGeneration) => generateSecret({ key: "k", name: "n", labels: {}, generate });

function recipe(
  sample: string,
  name = `\${STACK_NAME}_db_password_\${SECRET_DB_PASSWORD_VERSION}`,
  top = "external: true",
) {
  return loadFiles({
    ".env.sample": `DOMAIN=wiki.example.com\n${sample}\n`,
    "compose.yml": `version: "3.8"
services:
  app: {image: "wiki:1.0", secrets: [db_password]}
secrets:
  db_password: {name: "${name}", ${top}}
  unused: {external: true}
`,
  });
}

test("a secret's version variable and how it is made come from its name and the sample's comment", async () => {
  const spec = await recipe("SECRET_DB_PASSWORD_VERSION=v7   # length=24 charset=special generate=false");
  expect(spec.secrets).toEqual([
    {
      key: "db_password",
      name: `${NAMESPACE}_db_password_v7`,
      labels: {},
      generate: { enabled: false, length: 24, charset: "special", versionVariable: "SECRET_DB_PASSWORD_VERSION" },
    },
  ]);
});

test("the long form decides file, owner and mode; the short one takes the defaults", async () => {
  const spec = await loadFiles({
    "compose.yml": `version: "3.8"
services:
  app:
    image: wiki:1.0
    secrets: [a, {source: b, target: other, uid: "5", mode: 0400}]
secrets: {a: {external: true, name: aa}, b: {external: true, name: bb}}
`,
  });
  expect(spec.services[0]?.secrets).toEqual([
    { key: "a", name: "aa", file: "a", uid: "0", gid: "0", mode: 0o444 },
    { key: "b", name: "bb", file: "other", uid: "5", gid: "0", mode: 0o400 },
  ]);
});

test.each<[string, () => Promise<unknown>, RegExp]>([
  ["an empty version", () => recipe("SECRET_DB_PASSWORD_VERSION="), /ends in "_"/],
  ["too long a name", () => recipe("A=1", `\${STACK_NAME}_${"x".repeat(60)}`), /Swarm takes 64/],
  ["a secret from a file", () => recipe("A=1", "x", "file: ./x"), /is not external/],
  ["a length that is none", () => recipe("SECRET_DB_PASSWORD_VERSION=v1 # length=many"), /length=many/],
])("%s is refused", async (_, load, message) => {
  await expect(load()).rejects.toThrow(message);
});

test("an unknown charset is reported, and means default", async () => {
  const spec = await recipe("SECRET_DB_PASSWORD_VERSION=v1 # length=64 charset=hex");
  expect(spec.warnings).toEqual([expect.stringContaining('charset "hex" is unknown')]);
  expect(value({ enabled: true, length: 500, charset: "hex" })).toMatch(/^[A-Za-z0-9]{500}$/);
});

test.each([
  ["default", /^[A-Za-z0-9]{400}$/],
  ["special", /^[!@#$%^&*_\-+=]{400}$/],
  ["safespecial", /^[!@#%^&*_\-+=]{400}$/],
  ["default,safespecial", /^[A-Za-z0-9!@#%^&*_\-+=]{400}$/],
])("charset %s", (charset, pattern) => {
  expect(value({ enabled: true, length: 400, charset })).toMatch(pattern);
});

test("without a length a secret is a passphrase of at least 64 bits", () => {
  expect(new Set(WORDS).size).toBe(256);
  expect(WORDS.every((word) => /^[a-z]+$/.test(word))).toBe(true);
  expect(value({ enabled: true })).toMatch(/^[a-z]+(-[a-z]+){7}$/);
});

test("no two values are the same", () => {
  const values = Array.from({ length: 100 }, () => value({ enabled: true, length: 32 }));
  expect(new Set(values).size).toBe(100);
});

test("a secret that is not to be generated is asked for", () => {
  expect(() => value({ enabled: false, versionVariable: "V" })).toThrow(UserError);
});
