import { afterEach, expect, test, vi } from "vitest";
import type { SecretSpec } from "../../compose/app-spec.ts";
import { generateSecret } from "../../compose/objects/secret-values.ts";
import type { SettledDefinition } from "../../recipes/settle.ts";
import { assertSecretsGiven, givenSecret, toGenerate } from "../../stacks/given-secrets.ts";
import { appSpec } from "../fixtures/spec.ts";

const smtp: SecretSpec = {
  key: "smtp",
  name: "wiki_ci_test_smtp_v1",
  labels: {},
  version: "v1",
  users: [{ service: "app", file: "smtp" }],
  generate: { enabled: false, versionVariable: "SECRET_SMTP_VERSION" },
};
const held: SecretSpec = { ...smtp, key: "held", content: { file: "held.txt", data: "YQ==" } };
const app = appSpec({ secrets: [smtp, held] });
const definition = (secrets?: Record<string, string>): SettledDefinition => ({ name: "wiki", secrets });

afterEach(() => vi.unstubAllEnvs());

test("a value comes from the environment, else from ci.ts; an empty one is none", () => {
  vi.stubEnv("RECIPE_CI_SECRET_SMTP", "from env");
  expect(givenSecret(definition({ smtp: "from ci.ts" }), smtp)).toBe("from env");
  vi.stubEnv("RECIPE_CI_SECRET_SMTP", "");
  expect(givenSecret(definition({ smtp: "from ci.ts" }), smtp)).toBe("from ci.ts");
  expect(givenSecret(definition({ smtp: "" }), smtp)).toBeUndefined();
  expect(givenSecret(definition(), smtp)).toBeUndefined();
});

test("a secret that is not generated and has no value is told once, in the words of who would make it", () => {
  vi.stubEnv("RECIPE_CI_SECRET_SMTP", "");
  const message =
    ".env.sample SECRET_SMTP_VERSION: secret smtp has no value, and generate=false\n" +
    "  remedy: set RECIPE_CI_SECRET_SMTP, or secrets.smtp in the recipe's ci.ts";
  const missing = () => assertSecretsGiven(definition({ smtp: "" }), [app, app]);
  expect(missing).toThrow(expect.objectContaining({ message, owner: "author" }));
  // What an identity provider gives, or is told, nobody else has to.
  const client = { provider: "gitea", client: "wiki", issuer: "https://x", redirects: [], secretKey: "smtp" };
  const signing = (over: object) => assertSecretsGiven({ name: "wiki", signsOn: { ...client, ...over } }, [app]);
  expect(() => signing({ idToCome: "id-to-come" })).not.toThrow();
  expect(() => signing({})).not.toThrow();
  expect(() => signing({ secretKey: "another" })).toThrow(message);
  const refused = () => generateSecret(smtp);
  expect(refused).toThrow(expect.objectContaining({ remedy: expect.stringContaining("set RECIPE_CI_SECRET_SMTP") }));
  expect(() => assertSecretsGiven(definition({ smtp: "x" }), [app])).not.toThrow();
});

test("a client's secret is made for its identity provider, whatever the recipe says, and any other as it says", () => {
  const signsOn = { provider: "keycloak", client: "wiki", issuer: "https://x", redirects: [], secretKey: "smtp" };
  expect(generateSecret(toGenerate({ signsOn }, smtp))).toMatch(/^\w{40}$/);
  const long = { ...smtp, generate: { ...smtp.generate, length: 12 } };
  expect(generateSecret(toGenerate({ signsOn }, long))).toMatch(/^\w{12}$/);
  expect(toGenerate({ signsOn: { ...signsOn, secretKey: "another" } }, smtp)).toBe(smtp);
  expect(toGenerate({}, smtp)).toBe(smtp);
});
