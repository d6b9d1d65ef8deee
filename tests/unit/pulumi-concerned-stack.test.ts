import { expect, test } from "vitest";
import { namedStack } from "../../pulumi/concerned-stack.ts";

test.each([
  ["up -s local --yes", "local"],
  ["up --stack local", "local"],
  ["up --stack=organization/recipe-ci/local", "organization/recipe-ci/local"],
  ["up -slocal", "local"],
  ["config set node existing -s local", "local"],
  ["stack init --no-select pr-1", "pr-1"],
  ["stack select pr-1", "pr-1"],
  ["stack rm pr-1 --yes", "pr-1"],
  ["stack ls", undefined],
  ["up --yes", undefined],
  ["config set note -- -s local", undefined],
  ["-s", undefined],
  ["", undefined],
])("pulumi %s names stack %s", (line, name) => {
  expect(namedStack(line.split(" ").filter(Boolean))).toBe(name);
});
