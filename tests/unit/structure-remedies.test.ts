import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectPath } from "../../lib/project.ts";

/** Rooms that read what maintainers wrote, and so have to say how to mend it. */
const ROOMS = ["compose", "source"];
const CALL = "new UserError(";

/** Every construction of a UserError in a text: its arguments, up to the parenthesis that ends them. */
function constructions(text: string): string[] {
  return text
    .split(CALL)
    .slice(1)
    .map((rest) => {
      let open = 1;
      const end = [...rest].findIndex((letter) => {
        if (letter === "(") open++;
        if (letter === ")") open--;
        return open === 0;
      });
      return rest.slice(0, end);
    });
}

test.each(ROOMS)("every mistake that %s tells comes with a remedy", async (room) => {
  const files = (await readdir(projectPath(room), { recursive: true })).filter((file) => file.endsWith(".ts"));
  const found = await Promise.all(
    files.map(async (file) => {
      const calls = constructions(await readFile(join(projectPath(room), file), "utf8"));
      return calls.filter((call) => !/\bremedy\b/.test(call)).map((call) => `${file}: ${call.slice(0, 80)}`);
    }),
  );
  expect(found.flat()).toEqual([]);
});

test("what has none is seen", () => {
  const text = "throw new UserError(say(`a`), { place });\nnew UserError(one, { remedy: two(3) })";
  expect(constructions(text).map((call) => /remedy/.test(call))).toEqual([false, true]);
});
