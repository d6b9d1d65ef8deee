import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { projectPath } from "../../lib/project.ts";
import { PARTS } from "../proof-parts.js";

test("every file of which npm test takes a sample is tried whole by npm run proof", () => {
  const sampled = globSync("tests/{live,hetzner,alone,programs}/*.test.ts", { cwd: projectPath() }).filter((file) =>
    readFileSync(projectPath(file), "utf8").includes("RECIPE_CI_PROOF"),
  );
  expect(sampled).not.toEqual([]);
  const tried = PARTS.flatMap(([, args]) => args);
  expect(sampled.filter((file) => !tried.includes(file))).toEqual([]);
});
