import { expect, test } from "vitest";
import type { SecretSpec } from "../../compose/app-spec.ts";
import { forOperators } from "../../diff/operators.ts";
import { richApp } from "../fixtures/rich-app.ts";

const secret = (key: string, version: string, over: Partial<SecretSpec> = {}): SecretSpec => ({
  key,
  name: `wiki_${key}_${version}`,
  labels: {},
  version,
  users: [],
  generate: { enabled: true },
  ...over,
});
const base = { ...richApp, secrets: [secret("db", "v1"), secret("old", "v1")], warnings: [] };
const files = { base: ["compose.yml"], head: ["compose.yml"] };

test("an upgrade that asks nothing of operators says nothing", () => {
  expect(forOperators(base, { ...base, secrets: [secret("db", "v1")], warnings: ["odd"] }, { files })).toEqual([]);
});

test("overlays that are gone, variables to set, and secrets to make are told", () => {
  const lacking = "operators who come from 1.0.0+1 have no A in their .env";
  const head = {
    ...base,
    secrets: [
      secret("db", "v2"),
      secret("smtp", "v1", { generate: { enabled: false } }),
      secret("held", "v1", { content: { file: "x", data: "" } }),
    ],
    warnings: ["odd", lacking],
  };
  const context = {
    files: { base: ["compose.yml", "compose.sso.yml", "sub/compose.x.yaml", "old.conf"], head: ["compose.yml"] },
    told: { GREETING: "hello", SMTP_PASSWORD: "hunter2" },
  };
  expect(forOperators(base, head, context)).toEqual([
    "compose.sso.yml is gone: who names it in COMPOSE_FILE has to take it out, or abra stops",
    "sub/compose.x.yaml is gone: who names it in COMPOSE_FILE has to take it out, or abra stops",
    "set GREETING=hello in .env",
    "set SMTP_PASSWORD=(hidden) in .env",
    lacking,
    "secret db changes its version: make db v2 by abra app secret generate before the upgrade",
    "secret smtp is new: make smtp v1 by abra app secret insert before the upgrade",
  ]);
});
