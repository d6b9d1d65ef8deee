import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { projectPath } from "../../lib/project.ts";
import { FAULTS } from "../hetzner/faults/all.ts";

test("the table of Hetzner's faults has a line for each that is tried, with what has to come of it", async () => {
  const [, text = ""] = (await readFile(projectPath("docs/hetzner-faults.md"), "utf8")).split("|---|\n");
  const lines = [...text.matchAll(/^\| (.+?) \| (\w+) \| (\w+) \| .+ \|$/gm)].map((line) =>
    line.slice(1, 4).join(", "),
  );
  expect(lines).toEqual(FAULTS.map(({ what, doing, comes }) => `${what}, ${doing}, ${comes}`));
});
