import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { describe as explain } from "../../lib/errors.ts";
import { nearest } from "../../lib/nearest.ts";
import { projectPath } from "../../lib/project.ts";
import { NODE_KEYS, parseNodeKind, RUN_KEYS } from "../../nodes/kinds.ts";
import { refuseUnknownKeys } from "../../stacks/known-keys.ts";
import { RECIPE_KEYS } from "../../stacks/recipe-config.ts";

function refusal(act: () => void): string {
  try {
    act();
    return "";
  } catch (error) {
    return explain(error);
  }
}

/** Names in `config.get("name")`, `config.requireNumber("name")` and the like. */
function keysRead(...files: string[]): string[] {
  const text = files.map((file) => readFileSync(projectPath(file), "utf8")).join("\n");
  return [...text.matchAll(/\bconfig\.(?:get|require)\w*(?:<[^(]*>)?\(\s*"(\w+)"/g)].map(([, key = ""]) => key);
}

const NODE_FILES = ["local/program", "existing/program", "hetzner/settings", "hetzner/acme-settings"].map(
  (name) => `nodes/${name}.ts`,
);

describe("the lists of keys", () => {
  test.each([
    ["a recipe's stack", RECIPE_KEYS, ["index.ts", "stacks/recipe-by-hand.ts"], ["node"]],
    [
      "a node's stack",
      NODE_KEYS.filter((key) => !RUN_KEYS.includes(key)),
      ["stacks/node.ts", "nodes/platform.ts", ...NODE_FILES],
      [],
    ],
  ])("of %s are those its program reads", (_stack, keys, files, fromElsewhere) => {
    const read = [...new Set(keysRead(...files))].filter((key) => !(fromElsewhere as string[]).includes(key));
    expect([...read].sort()).toEqual([...keys].sort());
  });
});

describe("a stack's config", () => {
  test.each([
    [RECIPE_KEYS.map((key) => `recipe-ci:${key}`)],
    [NODE_KEYS.map((key) => `recipe-ci:${key}`)],
    [["hcloud:token", "pulumi:tags"]],
    [[]],
  ])("%j is taken", (keys) => {
    expect(refusal(() => refuseUnknownKeys(keys))).toBe("");
  });

  test.each([
    [["recipe", "reff"], /^recipe-ci:reff: no such key\n {2}remedy: did you mean ref\? pulumi config rm reff/],
    [["recipe", "basedomain"], /did you mean baseDomain\?/],
    [["recip"], /^recipe-ci:recip: .*\n.*did you mean recipe\?/],
    [["node", "memroy"], /did you mean memory\?/],
    [["recipe", "colour"], /pulumi config rm colour; there is recipe, source, ref/],
    [["phase"], /belongs to a recipe's stack: set recipe too/],
    [["recipe", "memory"], /belongs to a node's stack/],
    [["recipe", "node"], /belongs to a node's stack/],
    [["engine"], /is called node now\n {2}remedy: pulumi config rm engine, then pulumi config set node/],
  ])("%j is refused with what was meant", (keys, said) => {
    expect(refusal(() => refuseUnknownKeys(keys.map((key) => `recipe-ci:${key}`)))).toMatch(said);
  });

  test("names all mistakes at once", () => {
    const said = refusal(() => refuseUnknownKeys(["recipe-ci:recipe", "recipe-ci:reff", "recipe-ci:fase"]));
    expect(said).toMatch(/recipe-ci:reff.*recipe-ci:fase.*did you mean phase/s);
  });
});

describe("a kind of node", () => {
  test.each(["local", "existing", "hetzner"])("%s is known", (kind) => expect(parseNodeKind(kind)).toBe(kind));

  test.each([
    ["exisiting", "did you mean existing?"],
    ["Local", "did you mean local?"],
    ["docker", "use one of local, existing, hetzner"],
    ["", "use one of local, existing, hetzner"],
  ])("%j is refused: %s", (value, said) => {
    const refused = refusal(() => parseNodeKind(value));
    expect(refused).toMatch(/^recipe-ci:node: there is no kind of node "/);
    expect(refused).toContain(said);
  });
});

test.each([
  ["ref", "reff"],
  ["memory", "MEMORY"],
  [undefined, "colour"],
])("the nearest is %s for %s", (found, given) => {
  expect(nearest(given, ["ref", "recipe", "memory"])).toBe(found);
});
