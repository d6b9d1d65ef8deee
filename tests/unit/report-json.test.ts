import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { RunResult } from "../../lifecycle/result.ts";
import { renderJson } from "../../report/json.ts";
import { failingRun } from "../fixtures/failing-run.ts";
import { describedProperties, type Schema, violations } from "../fixtures/json-schema.ts";
import { passingRun } from "../fixtures/passing-run.ts";

const text = (relative: string) => readFileSync(new URL(`../../${relative}`, import.meta.url), "utf8");
const schema: Schema = JSON.parse(text("report/schema.json"));

test.each([
  ["passing", passingRun],
  ["failing", failingRun],
])("a %s run's result.json reads back as the result and keeps to the schema", (_name, result) => {
  const parsed: unknown = JSON.parse(renderJson(result));
  expect(parsed).toEqual(result);
  expect(violations(schema, parsed)).toEqual([]);
});

test.each<[string, (broken: Record<string, unknown>) => void]>([
  ["another format", (broken) => Object.assign(broken, { schema: 1 })],
  ["an unknown verdict", (broken) => Object.assign(broken, { verdict: "green" })],
  ["a field nobody described", (broken) => Object.assign(broken, { mood: "calm" })],
  ["a negative time", (broken) => Object.assign(broken, { durationMs: -1 })],
  ["a time that is not UTC", (broken) => Object.assign(broken, { startedAt: "2026-03-14T09:26:53+01:00" })],
  ["a missing reason", (broken) => delete broken.reason],
  [
    "a ledger of unknown kinds",
    (broken) => Object.assign(broken, { ledger: { before: { pod: 1 }, after: {}, left: [], lost: [] } }),
  ],
])("the schema refuses %s", (_name, breakIt) => {
  const broken: Record<string, unknown> = JSON.parse(renderJson(passingRun));
  breakIt(broken);
  expect(violations(schema, broken)).toHaveLength(1);
});

test("every field the schema describes occurs in a fixture and is explained in docs/result.md", () => {
  const met = new Set<string>();
  for (const result of [passingRun, failingRun]) violations(schema, JSON.parse(renderJson(result)), met);
  const described = describedProperties(schema);
  expect(described.filter((pointer) => !met.has(pointer))).toEqual([]);
  const docs = text("docs/result.md");
  const names = described.map((pointer) => pointer.split("/").at(-1) ?? "");
  expect(names.filter((name) => !docs.includes(`\`${name}\``))).toEqual([]);
});

test("the order in which a result was put together does not show", () => {
  const backwards = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(backwards);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, item]) => [key, backwards(item)]),
    );
  };
  expect(renderJson(backwards(failingRun) as RunResult)).toBe(renderJson(failingRun));
  expect(Object.keys(JSON.parse(renderJson(failingRun))).slice(0, 4)).toEqual(["schema", "run", "recipe", "verdict"]);
});

test("evidence that JSON can't hold is written as text instead of failing the report", () => {
  const cycle: Record<string, unknown> = { big: 12n, error: new Error("refused"), set: new Set([1]) };
  cycle.self = cycle;
  const result = withEvidence(cycle);
  expect(JSON.parse(renderJson(result)).phases[0].checks[0].evidence).toEqual({
    big: "12",
    error: "refused",
    self: "[circular]",
    set: [1],
  });
});

function withEvidence(evidence: Record<string, unknown>): RunResult {
  const check = { name: "install.odd", title: "Odd", status: "passed", startMs: 0, durationMs: 1, evidence } as const;
  return {
    ...passingRun,
    phases: [{ name: "install", status: "passed", startMs: 0, durationMs: 1, checks: [check] }],
  };
}
