import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { projectPath } from "../../lib/project.ts";
import { MORE_ROWS, ROWS } from "../live/faults.ts";

test("the table of faults has a line for each that is tried, with a verdict it may have", async () => {
  const [, text = ""] = (await readFile(projectPath("docs/faults.md"), "utf8")).split("|---|\n");
  const lines = [...text.matchAll(/^\| (.+?) \| (\w+) \| (\w+) \| .+ \|$/gm)].map((line) =>
    line.slice(1, 4).join(", "),
  );
  const allowed = [...ROWS, ...MORE_ROWS].map(({ fault, moment, verdict, mayPass }) =>
    [verdict, ...(mayPass ? ["pass"] : [])].map((one) => `${fault.what}, ${moment}, ${one}`),
  );
  expect(lines).toHaveLength(allowed.length);
  for (const one of allowed)
    expect(
      lines.filter((line) => one.includes(line)),
      one[0],
    ).toHaveLength(1);
});
