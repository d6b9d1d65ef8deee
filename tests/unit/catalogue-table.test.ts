import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { projectPath } from "../../lib/project.ts";
import { catalogueEntry, catalogueText, readCatalogue } from "../catalogue/table.ts";
import { APPLICATIONS } from "../corpus.ts";
import { passingRun } from "../fixtures/passing-run.ts";

const skipped = { name: "restore.writes", title: "It is restored elsewhere", status: "skipped", reason: "a port" };
const phases = passingRun.phases.map((phase) =>
  phase.name === "restore"
    ? { ...phase, checks: [...phase.checks, { ...skipped, startMs: 0, durationMs: 0 } as never] }
    : phase,
);
const standIns = [{ image: "nginx:1.29.0", builtFrom: "Debian trixie nginx 1.29.0", reason: "no such host" }];
const entry = catalogueEntry({ ...passingRun, phases, standIns });

test("the catalogue has a line for each recipe, with what held, and names stand-ins and what is not proven", () => {
  const text = catalogueText(new Map([["custom-html", entry]]));
  const [line = ""] = text.split("\n").filter((one) => one.startsWith("| custom-html "));
  expect(line.split("|")).toHaveLength(13);
  expect(line).toMatch(/^\| custom-html \| 1\.10\.0\+1\.28\.0 → 1\.11\.0\+1\.29\.0 \| \d+, \d+ s \|/);
  expect(line).toMatch(/\| 25 s \| 2026-03-14 \|$/);
  expect(text).toContain("- `nginx:1.29.0`, a stand-in: Debian trixie nginx 1.29.0");
  expect(text).toContain("- not proven: It is restored elsewhere (a port)");
});

test("a page is read back as it was written, so that one recipe's row can be made anew", () => {
  const bare = { ...catalogueEntry({ ...passingRun, recipe: "html", phases: [] }), details: [] };
  const entries = new Map([
    ["custom-html", entry],
    ["html", bare],
  ]);
  expect(readCatalogue(catalogueText(entries))).toEqual(entries);
});

test("a page of another form has no rows", () => {
  expect(readCatalogue("# The catalogue\n\n| recipe | from → to |\n|---|---|\n| gitea | 1 → 2 |\n").size).toBe(0);
});

test("docs/catalogue.md is as it was written, with recipes that this project brings, in their order", () => {
  const text = readFileSync(projectPath("docs/catalogue.md"), "utf8");
  const entries = readCatalogue(text);
  expect(entries.size).toBeGreaterThan(0);
  expect([...entries.keys()]).toEqual(["custom-html", ...APPLICATIONS].filter((name) => entries.has(name)));
  expect(text).toBe(catalogueText(entries));
});
