import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, posix } from "node:path";
import { describe, expect, it } from "vitest";
import { projectPath } from "../../lib/project.ts";

/** Rooms from the ground up. A room imports from floors below its own, never from one beside it. */
const FLOORS = [
  ["lib"],
  ["source", "compose", "swarm", "pulumi", "machine"],
  ["masking"],
  ["diff"],
  ["images", "checks", "lint"],
  ["recipes", "components"],
  ["nodes"],
  ["stacks"],
  ["lifecycle"],
  ["report"],
  ["service"],
  ["cli"],
  ["index.ts"],
];

/** Rooms within `compose/` from the ground up; what lies beside them is above all, and an AppSpec below. */
const FLOORS_OF_COMPOSE = [["files", "go-template"], ["env"], ["docker-cli"], ["convert"], ["objects", "labels"], [""]];

/** Files that one room has at most, without those of rooms within it. */
const LARGEST = 35;

/** Lines of code, without blank ones and comments, that one file may have. */
const LONGEST = 250;

/** Files of a recipe's definition. */
const DEFINITION = /^recipes\/[^/]+\//;

/** Not rooms: they may import from all of them. */
const OUTSIDE = ["tests", "bench", "vitest.config.ts"];

const IMPORT =
  /^(?:import|export)\b[^;]*?from\s+"(\.{1,2}\/[^"]+)"|^import\s+"(\.{1,2}\/[^"]+)"|\bimport\(\s*"(\.{1,2}\/[^"]+)"/gm;

interface SourceFile {
  path: string;
  text: string;
}

function sourceFiles(): SourceFile[] {
  const found: SourceFile[] = [];
  const walk = (folder: string) => {
    for (const entry of readdirSync(projectPath(folder), { withFileTypes: true })) {
      const path = posix.join(folder, entry.name);
      if (entry.name === "node_modules" || entry.name.startsWith(".") || OUTSIDE.includes(path)) continue;
      if (entry.isDirectory()) walk(path);
      else if (path.endsWith(".ts")) found.push({ path, text: readFileSync(projectPath(path), "utf8") });
    }
  };
  walk("");
  return found;
}

/** Project paths that a file imports. */
function importsOf({ path, text }: SourceFile): string[] {
  return [...text.matchAll(IMPORT)].map(([, from, bare, dynamic]) =>
    posix.normalize(join(dirname(path), from ?? bare ?? dynamic ?? "")),
  );
}

function roomOf(path: string): string {
  return path.split("/")[0] ?? "";
}

function floorOf(path: string): number {
  return FLOORS.findIndex((rooms) => rooms.includes(roomOf(path)));
}

function wrongImports(file: SourceFile): string[] {
  return importsOf(file)
    .filter((target) => roomOf(target) !== roomOf(file.path) && floorOf(target) >= floorOf(file.path))
    .map((target) => `${file.path} imports ${target}`);
}

/** What is imported from outside the definition's own folder by a path. */
function notForAuthors(file: SourceFile): string[] {
  const own = `${dirname(file.path)}/`;
  const outside = importsOf(file).filter((target) => !target.startsWith(own));
  return outside.map((target) => `${file.path} imports ${target}: it is for "recipe-ci" to give`);
}

function innerFloor(path: string): number {
  const [, room = "", file] = path.split("/");
  return FLOORS_OF_COMPOSE.findIndex((rooms) => rooms.includes(file ? room : ""));
}

/** Within `compose/`. */
function wrongInside(file: SourceFile): string[] {
  return importsOf(file)
    .filter((target) => target.startsWith("compose/") && target !== "compose/app-spec.ts")
    .filter((target) => dirname(target) !== dirname(file.path) && innerFloor(target) >= innerFloor(file.path))
    .map((target) => `${file.path} imports ${target}`);
}

/** Files that import each other by whatever way, types included; each circle once, from where it was come upon. */
function circles(files: readonly SourceFile[]): string[] {
  const imports = new Map(files.map((file) => [file.path, importsOf(file)]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, way: readonly string[]) => {
    if (way.includes(path)) found.push([...way.slice(way.indexOf(path)), path].join(" → "));
    if (done.has(path) || way.includes(path)) return;
    for (const target of imports.get(path) ?? []) visit(target, [...way, path]);
    done.add(path);
  };
  for (const { path } of files) visit(path, []);
  return found;
}

function linesOfCode(text: string): number {
  return text.split("\n").filter((line) => !/^\s*(?:$|\/\/|\/?\*)/.test(line)).length;
}

describe("the house", () => {
  const files = sourceFiles();

  it("has every file in a room", () => {
    expect(files.length).toBeGreaterThan(100);
    expect(files.filter(({ path }) => floorOf(path) === -1).map(({ path }) => path)).toEqual([]);
  });

  it("imports only downward", () => {
    expect(files.flatMap(wrongImports)).toEqual([]);
  });

  it("has no files that import each other", () => {
    expect(circles(files)).toEqual([]);
  });

  it("imports only downward within compose/ too", () => {
    const inside = files.filter(({ path }) => path.startsWith("compose/"));
    expect(inside.filter(({ path }) => innerFloor(path) === -1).map(({ path }) => path)).toEqual([]);
    expect(inside.flatMap(wrongInside)).toEqual([]);
  });

  it(`has no room with more than ${LARGEST} files`, () => {
    const rooms = [...new Set(files.map(({ path }) => dirname(path)))];
    const sizes = rooms.map((room) => ({ room, files: files.filter(({ path }) => dirname(path) === room).length }));
    expect(sizes.filter((one) => one.files > LARGEST)).toEqual([]);
  });

  it(`has no file with more than ${LONGEST} lines of code`, () => {
    const long = files.map(({ path, text }) => ({ path, lines: linesOfCode(text) })).filter((f) => f.lines > LONGEST);
    expect(long).toEqual([]);
  });

  it("has no barrel and no drawer for everything", () => {
    const hiding = /^(?:index|utils?|helpers?|common|misc)\.ts$/;
    expect(files.filter(({ path }) => path !== "index.ts" && hiding.test(basename(path)))).toEqual([]);
    expect(files.filter(({ path }) => /(?:^|\/)utils?\//.test(path))).toEqual([]);
    const passesOn = files.filter(({ text }) => /^export\s+(?:type\s+)?(?:\*|\{[^}]*\})\s+from\s/m.test(text));
    // But for what the authors of recipes' definitions import by the package's name.
    expect(passesOn.map(({ path }) => path)).toEqual(["recipes/authors.ts"]);
  });

  it("lets a recipe's definition import the package, and nothing from inside it", () => {
    const definitions = files.filter(({ path }) => DEFINITION.test(path));
    expect(definitions.map(({ path }) => path)).toContain("recipes/custom-html/ci.ts");
    expect(definitions.flatMap(notForAuthors)).toEqual([]);
  });
});

describe("these rules", () => {
  it.each([
    ['import { a } from "../swarm/b.ts";', "machine/a.ts imports swarm/b.ts"],
    ['import {\n  type A,\n  b,\n} from "../stacks/b.ts";', "machine/a.ts imports stacks/b.ts"],
    ['const b = await import("../cli/b.ts");', "machine/a.ts imports cli/b.ts"],
    ['import "../pulumi/b.ts";', "machine/a.ts imports pulumi/b.ts"],
  ])("see %j", (text, said) => {
    expect(wrongImports({ path: "machine/a.ts", text })).toEqual([said]);
  });

  it("see a circle, through others too", () => {
    const file = (path: string, ...targets: string[]) => ({
      path,
      text: targets.map((target) => `import type { A } from "./${target}";`).join("\n"),
    });
    const round = [file("a.ts", "b.ts", "d.ts"), file("b.ts", "c.ts"), file("c.ts", "b.ts", "d.ts"), file("d.ts")];
    expect(circles(round)).toEqual(["b.ts → c.ts → b.ts"]);
  });

  it("see a definition that reaches inside", () => {
    const text =
      'import { defineRecipe } from "recipe-ci";\nimport { a } from "./a.ts";\nimport { b } from "../define-recipe.ts";';
    expect(notForAuthors({ path: "recipes/wiki/ci.ts", text })).toEqual([
      'recipes/wiki/ci.ts imports recipes/define-recipe.ts: it is for "recipe-ci" to give',
    ]);
  });

  it("see one within compose/", () => {
    const text =
      'import { a } from "../objects/a.ts";\nimport { b } from "../files/b.ts";\nimport c from "../app-spec.ts";';
    expect(wrongInside({ path: "compose/env/x.ts", text })).toEqual(["compose/env/x.ts imports compose/objects/a.ts"]);
  });

  it("let a room use itself and what is below", () => {
    const text = 'import { a } from "./b.ts";\nimport { c } from "../lib/c.ts";\nimport x from "node:fs";';
    expect(wrongImports({ path: "machine/a.ts", text })).toEqual([]);
  });

  it("don't count blank lines and comments", () => {
    expect(linesOfCode("/** a\n * b\n */\n\n// c\nconst d = 1;\n")).toBe(1);
  });
});
