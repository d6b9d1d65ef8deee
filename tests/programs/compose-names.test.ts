import fc from "fast-check";
import { expect, test } from "vitest";
import { nanoseconds } from "../../compose/convert/go-duration.ts";
import { runDomain, runNames, stackName } from "../../compose/env/stack-name.ts";
import { usesIn } from "../../compose/files/variables.ts";
import { loadFiles, NAMESPACE } from "../fixtures/app.ts";

test("a run's domain is four letters of the recipe and six digits of the run, always the same", () => {
  expect(runDomain("custom-html", "run-1")).toMatch(/^cust-[0-9a-f]{6}\.ci\.test$/);
  expect(runDomain("custom-html", "run-1")).toBe(runDomain("custom-html", "run-1"));
  expect(runDomain("custom-html", "run-1")).not.toBe(runDomain("custom-html", "run-2"));
  expect(runDomain("n8n", "x", "example.org")).toMatch(/^n8n-[0-9a-f]{6}\.example\.org$/);
});

test("the names of a run go together", () => {
  const domain = runDomain("wiki", "run-1", "example.org");
  expect(runNames("wiki", "run-1", "example.org")).toEqual({ domain, namespace: stackName(domain) });
});

test("every run domain is a legal host name", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (recipe, run) => {
      expect(runDomain(recipe, run)).toMatch(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?\.ci\.test$/);
    }),
  );
});

test("a stack name keeps hyphens, turns dots into underscores and is cut to 45", () => {
  expect(stackName("cust-1a2b3c.ci.test")).toBe("cust-1a2b3c_ci_test");
  expect(stackName("a".repeat(50))).toHaveLength(45);
});

const COMPOSE = 'version: "3.8"\nservices: {app: {image: "wiki:1.0", networks: [net]}}\nnetworks: {net: }\n';

test.each<[string, Record<string, string>, Record<string, string>, string]>([
  ["the sample", { ".env.sample": "A=1\nSTACK_NAME=prod\n" }, {}, ".env.sample:2"],
  ["abra.sh", { "abra.sh": "export STACK_NAME=prod\n" }, {}, "abra.sh:1"],
  ["the definition", {}, { STACK_NAME: "prod" }, "recipes/wiki/ci.ts env.STACK_NAME"],
])("a run keeps its own namespace when %s sets another", async (_, files, env, where) => {
  const app = await loadFiles({ ...files, "compose.yml": COMPOSE }, env);
  expect(app).toMatchObject({ namespace: NAMESPACE, networks: [{ name: `${NAMESPACE}_net` }] });
  expect(app.services[0]).toMatchObject({ name: `${NAMESPACE}_app`, env: { STACK_NAME: NAMESPACE } });
  expect(JSON.stringify({ ...app, warnings: [] })).not.toContain("prod");
  expect(app.warnings).toEqual([`${where}: STACK_NAME is not taken, a run has a namespace of its own: ${NAMESPACE}`]);
});

test("an empty STACK_NAME in the sample is none, to abra as well", async () => {
  const app = await loadFiles({ ".env.sample": "STACK_NAME=\n", "compose.yml": COMPOSE });
  expect(app).toMatchObject({ namespace: NAMESPACE, warnings: [] });
});

test.each([
  ["1m30s", 90e9],
  ["2m0s", 120e9],
  ["1.5s", 1.5e9],
  ["500ms", 5e8],
  ["1h0m0s", 3600e9],
  ["0s", 0],
  ["0", 0],
])("%s is %d nanoseconds", (text, value) => {
  expect(nanoseconds(text)).toBe(value);
});

test.each(["", "1", "1 s", "s", "-1s", "1s!"])("%j is no duration", (text) => {
  expect(() => nanoseconds(text)).toThrow(RangeError);
});

test("variables are found as docker/cli finds them", () => {
  const found = usesIn(`$A \${B} \${C:-x} \${D-} \${E:?why} $$F $\${G} \${H:-\${I}} $1`);
  expect(found.map(({ name, hasDefault, required }) => [name, hasDefault, required])).toEqual([
    ["A", false, undefined],
    ["B", false, undefined],
    ["C", true, undefined],
    ["D", true, undefined],
    ["E", false, "why"],
    ["H", true, undefined],
  ]);
});
