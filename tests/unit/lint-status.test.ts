import { expect, test } from "vitest";
import { isFilledIn, readReadme, scoreOf, yesOrNo } from "../../lint/readme.ts";
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
      from: "wiki is a Docker official image",
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
    "* **Status**: 5\n<!-- metadata -->\n- **status**: ❸, stable\n* **SSO**: \n<!-- endmetadata -->\n* **SSO**: Yes\n";
  const { line, values } = readReadme(text);
  expect(line).toBe(2);
  expect(values).toEqual({ Status: { text: "❸, stable", line: 3 }, SSO: { text: "", line: 4 } });
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
])("value %j is yes, no or unknown, and has a score or none", (text, yes, score) => {
  expect([yesOrNo({ text, line: 1 }), scoreOf({ text, line: 1 })]).toEqual([yes, score]);
});
