import { expect, test } from "vitest";
import { isFilledIn, readReadme, saysUpstream, scoreOf, yesOrNo } from "../../lint/readme.ts";
import { type Changes, type LintedHow, lintWiki } from "../fixtures/lint.ts";

const statusOf = async (changes: Changes, how: LintedHow = { release: {} }) => (await lintWiki(changes, how)).status;
const NO_HEALTH = ['    healthcheck:\n      test: ["CMD", "pg_isready"]\n', ""] as const;
const NO_MAIL = ["SMTP_HOST=\n", ""] as const;
const README_NO_MAIL = ["* **Email**: 3", "* **Email**: No"] as const;

test.each<[string, number, string[], Changes, LintedHow?]>([
  ["all but single sign-on", 4, ["single sign-on"], {}],
  ["single sign-on by a setting", 5, [], { ".env.sample": ["SMTP_HOST=", "SMTP_HOST=\n#OIDC_ISSUER="] }],
  ["single sign-on by the README", 5, [], { "README.md": ["* **SSO**: No", "* **SSO**: 2"] }],
  ["no health check on one service", 3, ["healthcheck"], { "compose.yml": NO_HEALTH }],
  ["no checks of its own", 3, ["tests"], {}, { release: {}, ownChecks: 0 }],
  ["no email", 3, ["email"], { ".env.sample": NO_MAIL, "README.md": README_NO_MAIL }],
  [
    "an app that sends no email",
    4,
    ["single sign-on"],
    { ".env.sample": NO_MAIL, "README.md": ["Email**: 3", "Email**: N/A"] },
  ],
  [
    "three things missing",
    2,
    ["email", "healthcheck", "tests"],
    { "compose.yml": NO_HEALTH, ".env.sample": NO_MAIL, "README.md": README_NO_MAIL },
    { release: {}, ownChecks: 0 },
  ],
  [
    "an image of Co-op Cloud's own",
    2,
    ["upstream image"],
    { "compose.yml": ["wiki:1.2.0", "thecoopcloud/wiki:1.2.0"] },
  ],
  [
    "an image the README calls third-party",
    2,
    ["upstream image"],
    { "compose.yml": ["wiki:1.2.0", "somebody/wiki:1.2.0"], "README.md": ["4, upstream", "2, 3rd-party"] },
  ],
  [
    "an image nothing is known of",
    2,
    ["upstream image"],
    { "compose.yml": ["wiki:1.2.0", "somebody/wiki:1.2.0"], "README.md": null },
  ],
  [
    "an image of its publisher",
    4,
    ["single sign-on"],
    { "compose.yml": ["wiki:1.2.0", "wikis/wiki:1.2.0"], "README.md": ["4, upstream", ""] },
  ],
  ["no backup", 3, ["backups"], { "compose.yml": ["backupbot.backup=true", "backupbot.backup=false"] }],
  ["no release", 1, ["release"], {}, {}],
  ["no compose.yml", 0, ["compose files that can be read"], { "compose.yml": null }],
])("%s: %i", async (_what, score, missing, changes, how) => {
  expect(await statusOf(changes, how)).toMatchObject({ score, missing });
});

test("each input says what it was judged by, and what the README claims", async () => {
  const { inputs, readme } = await statusOf({});
  expect(readme).toBe(4);
  expect(inputs).toEqual([
    {
      name: "Image",
      holds: true,
      from: "README",
      readme: expect.stringContaining("upstream"),
    },
    { name: "Backups", holds: true, from: "labels of service app", readme: "Yes" },
    { name: "Email", holds: true, from: "setting SMTP_HOST", readme: "3" },
    { name: "Healthcheck", holds: true, from: "compose files", readme: "Yes" },
    { name: "Tests", holds: true, from: "checks of its own in ci.ts: 1", readme: "3" },
    { name: "SSO", holds: false, from: "README", readme: "No" },
  ]);
});

test("metadata is read within its block only, whatever the marks", () => {
  const text =
    "* **Status**: 5\n<!-- metadata -->\n- **status**: 3, stable\n* **SSO**: \n<!-- endmetadata -->\n* **SSO**: Yes\n";
  const { line, values } = readReadme(text);
  expect(line).toBe(2);
  expect(values).toEqual({ Status: { text: "3, stable", line: 3 }, SSO: { text: "", line: 4 } });
  expect(scoreOf(values.Status)).toBe(3);
  expect([values.Status, values.SSO, values.Email].map(isFilledIn)).toEqual([true, false, false]);
});

test.each([
  ["Yes", true, undefined],
  ["No", false, undefined],
  ["None", false, undefined],
  ["N/A", undefined, undefined],
  ["Not yet", undefined, undefined],
  ["0", false, 0],
  ["3, automatic", true, 3],
  ["[`a/b5`](https://x.example/4), 2, upstream", true, 2],
  ["16", undefined, undefined],
  ["❶💚", true, 4],
  ["❷💛 (OAuth)", true, 3],
  ["❸🍎", undefined, 2],
  ["❹💣", false, 1],
  ["❶", undefined, undefined],
  ["❶💚 / ❹💣", undefined, undefined],
])("value %j is yes, no or unknown, and has a score or none", (text, yes, score) => {
  expect([yesOrNo({ text, line: 1 }), scoreOf({ text, line: 1 })]).toEqual([yes, score]);
});

test.each([
  ["4, upstream", true],
  ["[`a/b`](https://x.example), ❶💚, upstream", true],
  ["❷💛, 3rd-party", false],
  ["❷💛", undefined],
  ["❶💚", true],
  ["2", false],
  ["3", true],
])("image %j is upstream's: %s", (text, said) => {
  expect(saysUpstream({ text, line: 1 })).toBe(said);
});

test.each<[what: string, readme: string, differences: string[], changes?: Changes]>([
  ["the old legend's best, for 4", "❶💚", []],
  ["the old legend's best, for 5", "❶💚", [], { ".env.sample": ["SMTP_HOST=", "SMTP_HOST=\n#OIDC_ISSUER="] }],
  ["the old legend's second", "❷💛", ["Status is 3, but 4 by what the recipe shows"]],
  ["a digit of one of the legends", "❶", []],
])("Status %s is compared in its own legend", async (_what, readme, differences, changes = {}) => {
  const report = await lintWiki({ ...changes, "README.md": ["Status**: 4", `Status**: ${readme}`] }, { release: {} });
  const found = report.findings.filter(({ rule, message }) => rule === "C025" && message.startsWith("Status"));
  expect(found.map(({ message }) => message)).toEqual(differences);
});

test.each([
  ["nginx:1.26.3", true, "nginx is a Docker official image"],
  ["docker.io/library/nginx:1.26.3", true, "nginx is a Docker official image"],
  ["no-such-thing:1.0", undefined, "no-such-thing is no official image of Docker that is known"],
  ["registry.example/nginx:1.26.3", undefined, "publisher registry.example of registry.example/nginx"],
])("image %s: official %s", async (image, holds, from) => {
  const changes: Changes = { "compose.yml": ["wiki:1.2.0", image], "README.md": ["4, upstream", ""] };
  const { inputs } = await statusOf(changes);
  expect(inputs[0]).toMatchObject({ name: "Image", from });
  expect(inputs[0]?.holds).toBe(holds);
});

test.each([
  ["LETS_ENCRYPT_EMAIL=", false],
  ["ACME_EMAIL=", false],
  ["ADMIN_EMAIL=", false],
  ["REQUIRE_EMAIL_VERIFICATION=", false],
  ["MAIL_FROM=", true],
  ["APP_EMAIL_HOST=", true],
  ["#DEFAULT_FROM_EMAIL=x", true],
  ["WIKI_SMTP_PORT=", true],
])("setting %s shows that the app sends mail: %s", async (line, sends) => {
  const { inputs } = await statusOf({ ".env.sample": ["SMTP_HOST=", line], "README.md": README_NO_MAIL });
  expect(inputs.find(({ name }) => name === "Email")?.holds).toBe(sends);
});
