import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { projectPath } from "../../lib/project.ts";
import { MUTANTS } from "../mutants/table.ts";

test("what mutants change is there, once each, and so are the tests that are to see it", () => {
  const stale = MUTANTS.filter(({ file, find, test: seenBy }) => {
    const text = existsSync(projectPath(file)) ? readFileSync(projectPath(file), "utf8") : "";
    return text.split(find).length !== 2 || !existsSync(projectPath(`tests/${seenBy}`));
  });
  expect(stale.map(({ file, find }) => `${file}: ${find}`)).toEqual([]);
});
