import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectPath } from "../../lib/project.ts";
import { NODE_KEYS } from "../../nodes/kinds.ts";
import { RECIPE_KEYS } from "../../stacks/recipe-config.ts";

const DOCS = readFileSync(projectPath("docs/settings.md"), "utf8");
const ROOMS = ["checks", "cli", "components", "compose", "images", "lib", "lifecycle", "machine", "nodes", "pulumi"];
const OTHERS = ["recipes", "report", "source", "stacks", "swarm", "tests/live", "tests/alone"];

/** Every `RECIPE_CI_…` that the code knows. */
function variables(): string[] {
  const files = [...ROOMS, ...OTHERS].flatMap((room) =>
    readdirSync(projectPath(room), { recursive: true, withFileTypes: true }).filter(({ name }) => name.endsWith(".ts")),
  );
  const texts = files.map((file) => readFileSync(join(file.parentPath, file.name), "utf8"));
  return [...new Set(texts.flatMap((text) => text.match(/\bRECIPE_CI_[A-Z_]+[A-Z]\b|\bRECIPE_CI_SECRET_/g) ?? []))];
}

test("every environment variable of the project's own is said", () => {
  const all = variables();
  expect(all.length).toBeGreaterThan(8);
  expect(all.filter((name) => !DOCS.includes(`\`${name}`))).toEqual([]);
});

test("so is every key of a stack's settings, of the stack that has it", () => {
  const rows = [...DOCS.matchAll(/^\| (`.+?`) \| (.+?) \|.*\|.*\|$/gm)];
  const keys = (of: RegExp) =>
    rows.filter((row) => of.test(row[2] ?? "")).flatMap((row) => row[1]?.match(/\w+/g) ?? []);
  expect(keys(/\bnode$/).sort()).toEqual([...NODE_KEYS].sort());
  expect(keys(/\brecipe$/).sort()).toEqual([...RECIPE_KEYS].sort());
});
