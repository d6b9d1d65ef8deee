import { expect, test } from "vitest";
import type { SecretGeneration } from "../../compose/app-spec.ts";
import { WORDS } from "../../compose/objects/passphrase-words.ts";
import { generateSecret } from "../../compose/objects/secret-values.ts";
import { describe as say, UserError } from "../../lib/errors.ts";
import { loadFiles, NAMESPACE } from "../fixtures/app.ts";

const value = (generate: SecretGeneration) => generateSecret({ key: "k", name: "n", labels: {}, users: [], generate });

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
      version: "v7",
      users: [{ service: "app", file: "db_password" }],
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
secrets: {a: {external: true, name: "\${STACK_NAME}_a_v1"}, b: {external: true, name: "\${STACK_NAME}_b_v2"}}
`,
  });
  const [a, b] = [`${NAMESPACE}_a_v1`, `${NAMESPACE}_b_v2`];
  expect(spec.services[0]?.secrets).toEqual([
    { key: "a", name: a, file: "a", uid: "0", gid: "0", mode: 0o444 },
    { key: "b", name: b, file: "other", uid: "5", gid: "0", mode: 0o400 },
  ]);
  expect(spec.secrets.map(({ version, users }) => [version, ...users])).toEqual([
    ["v1", { service: "app", file: "a" }],
    ["v2", { service: "app", file: "other" }],
  ]);
});

test.each<[string, () => Promise<unknown>, RegExp]>([
  ["an empty version", () => recipe("SECRET_DB_PASSWORD_VERSION="), /ends in "_"/],
  ["too long a name", () => recipe("A=1", `\${STACK_NAME}_${"x".repeat(60)}_v1`), /Swarm takes 64/],
  ["neither a file nor external", () => recipe("A=1", "x", "labels: {a: b}"), /secrets/],
  ["a file that is not there", () => recipe("A=1", "x", "file: ./x"), /"x" is not in the recipe/],
  ["a length that is none", () => recipe("SECRET_DB_PASSWORD_VERSION=v1 # length=many"), /length=many/],
])("%s is refused", async (_, load, message) => {
  await expect(load()).rejects.toThrow(message);
});

test.each([
  [
    "a name without a version",
    `\${STACK_NAME}_s`,
    `${NAMESPACE}_s`,
    "has no version, so its value can never be changed",
  ],
  ["a stack name as version", `\${STACK_NAME}_s_\${STACK_NAME}`, `${NAMESPACE}_s_${NAMESPACE}`, "has no version"],
  ["a name that all apps share", "shared_v1", "shared_v1", "is not the app's own, and all apps on a Swarm share"],
  ["no name at all", "", "db_password", "is not the app's own"],
])("%s is taken as abra takes it, and told with its place and the name to give it", async (_, name, taken, told) => {
  const { secrets, warnings } = await recipe("A=1", name);
  expect(secrets.map((secret) => secret.name)).toEqual([taken]);
  const remedy = `write name: \${STACK_NAME}_db_password_\${SECRET_DB_PASSWORD_VERSION}, and SECRET_DB_PASSWORD_VERSION=v1 in .env.sample`;
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/^compose\.yml:5 secrets\.db_password: name "/);
  expect(warnings[0]).toContain(`name "${taken}" ${told}`);
  expect(warnings[0]).toContain(remedy);
});

test("a secret that an overlay names outside of the app is told in that file", async () => {
  const { warnings } = await loadFiles({
    ".env.sample": "COMPOSE_FILE=compose.yml:compose.mail.yml\n",
    "compose.yml": 'version: "3.8"\nservices: {app: {image: "wiki:1.0"}}\n',
    "compose.mail.yml": `version: "3.8"
services: {app: {secrets: [smtp]}}
secrets:
  smtp: {external: true, name: mail_smtp_v1}
`,
  });
  expect(warnings).toEqual([expect.stringMatching(/^compose\.mail\.yml:4 secrets\.smtp: name "mail_smtp_v1" is not/)]);
});

test("a secret that the recipe holds is made of its file, as docker makes it, and told to lie open", async () => {
  const { secrets, services, warnings } = await loadFiles({
    "token.txt": "hello",
    "compose.yml": `version: "3.8"
services: {app: {image: "wiki:1.0", secrets: [token]}}
secrets: {token: {file: ./token.txt}}
`,
  });
  const name = `${NAMESPACE}_token`;
  expect(services[0]?.secrets.map((one) => one.name)).toEqual([name]);
  expect(secrets).toMatchObject([
    {
      name,
      users: [{ service: "app", file: "token" }],
      generate: { enabled: false },
      content: { file: "token.txt", data: Buffer.from("hello").toString("base64") },
    },
  ]);
  expect(warnings).toEqual([expect.stringMatching(/^compose\.yml:3 secrets\.token: its value lies open/)]);
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

test.each(["0", "-4", "+0"])("a length of %s is none to abra: a warning, and a passphrase", async (written) => {
  const spec = await recipe(`SECRET_DB_PASSWORD_VERSION=v1 # length=${written} charset=special`);
  const length = Number(written);
  expect(spec.warnings).toEqual([
    `secret db_password: length=${length} is none to abra, which makes a passphrase of words`,
  ]);
  expect(spec.secrets.map(generateSecret)[0]).toMatch(/^[a-z]+(-[a-z]+){7}$/);
});

test("a length may have a sign, as Go reads numbers", async () => {
  const { secrets, warnings } = await recipe("SECRET_DB_PASSWORD_VERSION=v1 # length=+12");
  expect(secrets[0]?.generate.length).toBe(12);
  expect(warnings).toEqual([]);
});

test("no two values are the same", () => {
  const values = Array.from({ length: 100 }, () => value({ enabled: true, length: 32 }));
  expect(new Set(values).size).toBe(100);
});

test("a secret that is not to be generated is asked for", () => {
  expect(() => value({ enabled: false, versionVariable: "V" })).toThrow(UserError);
});

test.each(["v1", "2", "V3-rc1", "2024.1"])("a version may be written as %s", async (version) => {
  const { secrets } = await recipe("A=1", `\${STACK_NAME}_x_${version}`);
  expect(secrets[0]?.version).toBe(version);
});

test("a version may be any word of a variable, whatever its name and its default", async () => {
  for (const variable of ["$DB_VERSION", `\${DB_VERSION}`, `\${DB_VERSION:-v9}`]) {
    const { secrets } = await recipe("DB_VERSION=first", `\${STACK_NAME}_x_${variable}`);
    expect(secrets[0]).toMatchObject({ version: "first", generate: { versionVariable: "DB_VERSION" } });
  }
});

test("a version that ci.ts sets keeps what the sample says in a comment about its secret", async () => {
  const files = (line: string) => ({
    ".env.sample": `DOMAIN=wiki.example.com\n${line}\n`,
    "compose.yml": `version: "3.8"
services: {app: {image: "wiki:1.0", secrets: [smtp]}}
secrets: {smtp: {external: true, name: "\${STACK_NAME}_smtp_\${SECRET_SMTP_VERSION}"}}
`,
  });
  const generate = async (line: string) => {
    const { secrets } = await loadFiles(files(line), { SECRET_SMTP_VERSION: "v3" });
    return secrets[0]?.generate;
  };
  const versionVariable = "SECRET_SMTP_VERSION";
  expect(await generate("#SECRET_SMTP_VERSION=v1 # generate=false length=12 charset=special")).toEqual({
    enabled: false,
    length: 12,
    charset: "special",
    versionVariable,
  });
  expect(await generate("# SECRET_SMTP_VERSION=v1 # length=12\nSECRET_SMTP_VERSION=v1 # length=24")).toMatchObject({
    length: 24,
  });
});

test("all that is wrong about the secrets is told at once", async () => {
  const told = await loadFiles({
    ".env.sample": "DOMAIN=wiki.example.com\nA_VERSION=v1 # length=abc\nB_VERSION=v1 # length=900000\n",
    "compose.yml": `version: "3.8"
services: {app: {image: "wiki:1.0", secrets: [a, b, c]}}
secrets:
  a: {external: true, name: "\${STACK_NAME}_a_\${A_VERSION}"}
  b: {external: true, name: "\${STACK_NAME}_b_\${B_VERSION}"}
  c: {file: ./gone}
`,
  }).then(() => "", say);
  expect(told.split("\n").filter((line) => !line.startsWith("  "))).toEqual([
    ".env.sample:2 A_VERSION: length=abc is no number of characters",
    ".env.sample:3 B_VERSION: length=900000 is more than the 511999 bytes that a secret may have",
    'compose.yml:6 secrets.c: "gone" is not in the recipe',
  ]);
});

test("special characters are each in a value of their charset, as far as they have room in half of it", () => {
  const special = [..."!@#$%^&*_-+="];
  const distinct = (generate: Omit<SecretGeneration, "enabled">) => {
    const made = value({ enabled: true, ...generate });
    expect(made).toHaveLength(generate.length ?? 0);
    return special.filter((one) => made.includes(one)).length;
  };
  for (let time = 0; time < 20; time++) {
    expect(distinct({ length: 24, charset: "default,special" })).toBe(12);
    expect(distinct({ length: 24, charset: "safespecial" })).toBe(11);
    expect(distinct({ length: 8, charset: "special" })).toBeGreaterThanOrEqual(4);
    expect(distinct({ length: 24 })).toBe(0);
  }
});
