import { expect, test } from "vitest";
import { catalogueText } from "../catalogue/table.ts";
import { passingRun } from "../fixtures/passing-run.ts";

test("the catalogue has a line for each recipe, with what held, and names stand-ins and what is not proven", () => {
  const skipped = { name: "restore.writes", title: "It is restored elsewhere", status: "skipped", reason: "a port" };
  const phases = passingRun.phases.map((phase) =>
    phase.name === "restore"
      ? { ...phase, checks: [...phase.checks, { ...skipped, startMs: 0, durationMs: 0 } as never] }
      : phase,
  );
  const standIns = [{ image: "nginx:1.29.0", builtFrom: "Debian trixie nginx 1.29.0", reason: "no such host" }];
  const text = catalogueText([{ ...passingRun, phases, standIns }]);
  const [line = ""] = text.split("\n").filter((one) => one.startsWith("| custom-html "));
  expect(line.split("|")).toHaveLength(12);
  expect(line).toMatch(/^\| custom-html \| 1\.10\.0\+1\.28\.0 → 1\.11\.0\+1\.29\.0 \| \d+, \d+ s \|/);
  expect(text).toContain("- `nginx:1.29.0`, a stand-in: Debian trixie nginx 1.29.0");
  expect(text).toContain("- not proven: It is restored elsewhere (a port)");
});
