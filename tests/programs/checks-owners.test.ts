import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { CHANGED } from "../../checks/volumes/owners.ts";
import { run } from "../../lib/exec.ts";

async function changed(before: string[], now: string[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "recipe-ci-owners-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [one, other] = [join(folder, "before"), join(folder, "now")];
  await writeFile(one, before.map((line) => `${line}\n`).join(""));
  await writeFile(other, now.map((line) => `${line}\n`).join(""));
  return (await run(["sh", "-c", 'exec awk "$@"', "sh", CHANGED, one, other])).stdout.split("\n").filter(Boolean);
}

test("whose owner is another is told with both, whatever its name", async () => {
  const before = ["0:0 /v", "1000:1000 /v/my rows", "33:33 /v/ä", "5:5 /v/gone"];
  const now = ["0:0 /v", "0:0 /v/my rows", "33:33 /v/ä", "7:7 /v/new"];
  expect(await changed(before, now)).toEqual(["1000:1000 0:0 /v/my rows"]);
});

test("nothing was there before, so nothing has changed", async () => {
  expect(await changed([], ["0:0 /v"])).toEqual([]);
});
