import { readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type ExecResult, run } from "../../lib/exec.ts";
import { home } from "../../lib/home.ts";
import { projectPath } from "../../lib/project.ts";
import { RULES } from "../../lint/all-rules.ts";
import { unusedWaiver } from "../../lint/waivers.ts";
import { lintSummary } from "../../report/terminal/lint.ts";
import { lintWiki, placesOf } from "../fixtures/lint.ts";
import { gitFolder, scratchFolder } from "../fixtures/recipe-folder.ts";

const LATEST = { "compose.yml": ["postgres:16-alpine", "postgres:latest"] } as const;
const PLAIN = { plain: true, columns: 100 };

/** The command in a home of its own, which shares what may hold the only Docker CLI of this machine. */
async function lintCommand(...args: string[]): Promise<ExecResult> {
  const folder = await scratchFolder();
  // What reads compose files is made once for all.
  for (const part of ["engine", "rootfs"]) await symlink(home(part), join(folder, part));
  const env = { ...process.env, RECIPE_CI_HOME: folder };
  return run([process.execPath, projectPath("cli/recipe-ci.js"), "lint", ...args], { env });
}

test("a waived finding is kept with its reason and no longer counted", async () => {
  const waivers = [{ rule: "R004", file: "compose.yml", reason: " upstream has no other tag " }];
  const report = await lintWiki(LATEST, { waivers, release: {} });
  expect(report.findings.filter(({ rule }) => rule === "R004")).toMatchObject([
    { waived: "upstream has no other tag" },
  ]);
  expect(report.counts).toEqual({ errors: 0, warnings: 1, waived: 1 });
  expect(lintSummary(report, PLAIN)).toMatch(/waived +R004 .*\n +waived: upstream has no other tag\n/);
});

test("a waived error is none", async () => {
  const broken = { "compose.yml": ["1.1.0+1.2.0", "latest"] } as const;
  expect((await lintWiki(broken)).counts.errors).toBe(1);
  expect((await lintWiki(broken, { waivers: [{ rule: "C022", reason: "soon" }] })).counts.errors).toBe(0);
});

test("a waiver that matches nothing is a warning: other file, other rule, no such rule", async () => {
  const waivers = [
    { rule: "R004", file: "compose.cache.yml", reason: "x" },
    { rule: "R003", reason: "x" },
    { rule: "R999", reason: "x" },
  ];
  const report = await lintWiki(LATEST, { waivers });
  expect(placesOf(report, "R004")).toHaveLength(1);
  expect(report.findings.filter(({ rule }) => rule === unusedWaiver.id).map(({ message }) => message)).toEqual([
    "the waiver of R004 in compose.cache.yml matches no finding",
    "the waiver of R003 matches no finding",
    "a waiver is for R999, and there is no such rule",
  ]);
});

test("the table groups findings by file, in the order of lines, each with level, rule, message and remedy", async () => {
  const report = await lintWiki({ "compose.yml": ["postgres:16-alpine", "postgres"], "README.md": null });
  const text = lintSummary(report, PLAIN);
  expect(text.split("\n").filter((line) => /^\S/.test(line))).toEqual([
    "(repository)",
    "compose.yml",
    expect.stringMatching(/^status 1 of 5 \(the README gives none; missing: release, upstream image\)/),
    expect.stringMatching(/^wiki [0-9a-f]{8}: 0 errors, 4 warnings, 0 waived$/),
  ]);
  expect(text).toContain("   21  warning  R003  service db: postgres has no tag\n");
  expect(text).toContain("Write the tag of a release.");
});

const BARE = {
  "compose.yml": ['    healthcheck:\n      test: ["CMD", "pg_isready"]\n', ""],
  "compose.cache.yml": ['    healthcheck:\n      test: ["CMD", "wiki", "status"]\n', ""],
} as const;

test("several findings of one kind are one, with all its places", async () => {
  const report = await lintWiki(BARE, { release: {} });
  expect(report.findings.filter(({ rule }) => rule === "R002")).toEqual([
    {
      rule: "R002",
      level: "warning",
      kind: "services have no health check",
      message: "2 services have no health check",
      file: "compose.cache.yml",
      line: 3,
      remedy: expect.stringContaining("Add a healthcheck"),
      places: [
        { message: "service cache has no health check", file: "compose.cache.yml", line: 3 },
        { message: "service db has no health check", file: "compose.yml", line: 20 },
      ],
    },
  ]);
  expect(report.counts).toEqual({ errors: 0, warnings: report.findings.length, waived: 0 });
  expect(lintSummary(report, PLAIN)).toContain(
    [
      "    3  warning  R002  2 services have no health check",
      "                      compose.cache.yml:3  service cache has no health check",
      "                      compose.yml:20  service db has no health check",
      "                      Add a healthcheck",
    ].join("\n"),
  );
});

test("what is waived is not of one kind with what is not, nor an error with a warning", async () => {
  const waivers = [{ rule: "R002", file: "compose.yml", reason: "no shell" }];
  const report = await lintWiki(BARE, { waivers, release: {} });
  expect(report.findings.filter(({ rule }) => rule === "R002")).toMatchObject([
    { message: "service cache has no health check", file: "compose.cache.yml" },
    { message: "service db has no health check", waived: "no shell" },
  ]);
  const levels = await lintWiki({
    "app.conf.tmpl": '{{ secret "a" }}{{ if env "SMTP_HOST" }}{{ secret "b" }}{{ end }}',
  });
  expect(levels.findings.filter(({ rule }) => rule === "C013").map(({ level }) => level)).toEqual(["error", "warning"]);
});

test("one undefined variable in ten places is one finding", async () => {
  const lines = Array.from({ length: 10 }, (_, index) => `      - A${index}=$NOWHERE\n`).join("");
  const report = await lintWiki({ "compose.yml": ["    environment:\n", `    environment:\n${lines}`] });
  const found = report.findings.filter(({ message }) => message.includes("NOWHERE"));
  expect(found).toMatchObject([{ rule: "C004", message: "variable NOWHERE is defined nowhere" }]);
  expect(found[0]?.places).toHaveLength(10);
});

test("control characters of a recipe never reach the terminal", async () => {
  const report = await lintWiki({ ".env.sample": ["charset=default,safespecial", "charset=\u001b[2Jx"] });
  expect(placesOf(report, "C020")).toHaveLength(1);
  expect(lintSummary(report, PLAIN)).not.toContain("\u001b");
});

test("custom-html has no error, by its own ci.ts", async () => {
  const { code, stdout } = await lintCommand("custom-html", "--json");
  const report = JSON.parse(stdout);
  expect([code, report.counts.errors]).toEqual([0, 0]);
  expect(report).toMatchObject({
    schema: 1,
    recipe: "custom-html",
    status: { score: 3, readme: 3, missing: ["email"] },
  });
});

test("the exit code is 1 for errors and 2 for a recipe that is not there; SARIF is written where it was asked for", {
  timeout: 60_000,
}, async () => {
  const folder = await gitFolder({ "compose.yml": "services: {web: {image: 'nginx:1'}}" });
  const sarif = join(await scratchFolder(), "lint.sarif");
  const found = await lintCommand("wiki", "--source", folder, "--sarif", sarif);
  expect([found.code, found.stderr]).toEqual([1, ""]);
  expect(found.stdout).toContain("no service is named app");
  expect(JSON.parse(await readFile(sarif, "utf8")).version).toBe("2.1.0");
  expect((await lintCommand("wiki", "--source", `${folder}/nowhere`)).code).toBe(2);
  expect((await lintCommand("wiki", "--source", folder, "--ref", "no-such-branch")).code).toBe(2);
  expect((await lintCommand("wiki", "--source", folder, "--sarif", "/no/such/folder/x")).code).toBe(2);
});

test("the documentation names every rule with its level and title, and no other", async () => {
  const text = await readFile(projectPath("docs/lint.md"), "utf8");
  const rows = [...text.matchAll(/^\| ([RC]\d{3}) \| (\w+) \| (.+?) \|$/gm)].map((row) => row.slice(1, 4));
  expect(rows).toEqual([...RULES, unusedWaiver].map(({ id, level, title }) => [id, level, title]));
});
