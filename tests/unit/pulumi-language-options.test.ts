import { describe, expect, test } from "vitest";
import { parseRuntimeOptions } from "../../pulumi/language-host/options.ts";

describe("parseRuntimeOptions", () => {
  test("defaults are those of Pulumi's own host", () => {
    expect(parseRuntimeOptions({})).toEqual({ typescript: true, nodeargs: [] });
  });

  test("arguments are split at blanks outside quotes", () => {
    const { nodeargs } = parseRuntimeOptions({ nodeargs: `--a  --b="x y" '--c d'` });
    expect(nodeargs).toEqual(["--a", "--b=x y", "--c d"]);
  });

  test.each([
    [{ turbo: 1 }, /"turbo" is not supported/],
    [{ typescript: "no" }, /"typescript" must be a boolean/],
    [{ nodeargs: ["--a"] }, /"nodeargs" must be a string/],
    [{ packagemanager: "bun" }, /packagemanager "bun" is not supported/],
  ])("%j is refused by name", (options, message) => {
    expect(() => parseRuntimeOptions(options)).toThrow(message);
  });
});
