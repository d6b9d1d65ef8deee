import fc from "fast-check";
import { expect, test } from "vitest";
import { nanoseconds } from "../../compose/convert/go-duration.ts";
import { abraShExports, readAbraSh } from "../../compose/env/abra-sh.ts";
import { envRecord, parseEnv } from "../../compose/env/env-file.ts";
import { STACK_NAME_LIMIT, stackName } from "../../compose/env/stack-name.ts";
import { interpolate, usesIn } from "../../compose/files/variables.ts";
import { type NamedObject, nameProblem } from "../../compose/objects/name-rules.ts";
import { UserErrors } from "../../lib/errors.ts";
import { boundedName, SECRET_NAME_LIMIT, SERVICE_NAME_LIMIT } from "../../lib/names.ts";
import { loadService, NAMESPACE } from "../fixtures/app.ts";

const name = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,12}$/);
/** Values that need no quotes and expand to themselves. */
const plain = fc.stringMatching(/^[\w./:@%+,-]{1,30}$/);

test("assignments come back as written, the last of a key, whatever comments and blank lines are between", () => {
  const noise = fc.constantFrom("", "# a comment", "  ", "#");
  fc.assert(
    fc.property(fc.array(fc.tuple(name, plain, noise), { maxLength: 20 }), (lines) => {
      const text = lines.map(([key, value, other]) => `${other}\n${key}=${value}`).join("\n");
      expect(envRecord(parseEnv(text).entries)).toEqual(Object.fromEntries(lines.map(([key, value]) => [key, value])));
    }),
  );
});

test("a value takes in earlier ones in both spellings, and single quotes keep it from that", () => {
  fc.assert(
    fc.property(name, plain, (key, value) => {
      const text = `${key}=${value}\nX_BRACES=<\${${key}}>\nX_PLAIN="<$${key}>"\nX_LITERAL='<$${key}>'`;
      fc.pre(!key.startsWith("X_"));
      expect(envRecord(parseEnv(text).entries)).toMatchObject({
        X_BRACES: `<${value}>`,
        X_PLAIN: `<${value}>`,
        X_LITERAL: `<$${key}>`,
      });
    }),
  );
});

test("modifiers are read from the comment, however many spaces are before it", () => {
  fc.assert(
    fc.property(fc.nat(99), fc.integer({ min: 1, max: 9 }), (length, spaces) => {
      const [entry] = parseEnv(`SECRET_A_VERSION=v1${" ".repeat(spaces)}# length=${length} charset=special`).entries;
      expect(entry?.value).toBe("v1");
      expect(entry?.modifiers).toEqual({ length: `${length}`, charset: "special" });
    }),
  );
});

test("exports of abra.sh that are bare words come back", () => {
  const word = fc.stringMatching(/^\w{1,20}$/);
  fc.assert(
    fc.property(fc.dictionary(word, word), (exports) => {
      const text = Object.entries(exports).map(([key, value]) => `export ${key}=${value}`);
      expect(Object.entries(abraShExports(readAbraSh(text.join("\n"))))).toEqual(Object.entries(exports));
    }),
  );
});

/** Text that stands in a compose file as it is: no dollar, no brace, and nothing YAML would fold. */
const literal = fc
  .stringMatching(/^[\w ./:@%+,()-]{0,20}$/)
  // docker/cli looks for ":-" in all between the braces before it takes "-" for the operator.
  .filter((text) => !text.includes(":-"));
type Use = { text: string; gives: string };
const use: fc.Arbitrary<Use> = fc.oneof(
  literal.map((text) => ({ text, gives: text })),
  fc.constant({ text: "$$", gives: "$" }),
  fc.constantFrom(`\${SET}`, "$SET;", `\${SET:-no}`, `\${SET-no}`, `\${SET:?no}`).map((text) => ({
    text,
    gives: text.endsWith(";") ? "value;" : "value",
  })),
  literal.map((text) => ({ text: `\${EMPTY:-${text}}`, gives: text })),
  literal.map((text) => ({ text: `\${EMPTY-${text}}`, gives: "" })),
  literal.map((text) => ({ text: `\${UNSET:-${text}}`, gives: text })),
  literal.map((text) => ({ text: `\${UNSET-${text}}`, gives: text })),
  literal.map((text) => ({
    text: `\${UNSET:-\${${text.replace(/\W/g, "")}}}`,
    gives: `\${${text.replace(/\W/g, "")}}`,
  })),
);

test("interpolation: defaults for what is unset or empty, never expanded, up to the first brace", {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(use, { minLength: 1, maxLength: 5 }), { minLength: 10, maxLength: 10 }),
      async (rows) => {
        const lines = rows.map((row, index) => JSON.stringify(`V${index}=|${row.map(({ text }) => text).join("")}|`));
        const spec = await loadService(`environment: [${lines}]`, "", { SET: "value", EMPTY: "" });
        for (const [index, row] of rows.entries()) {
          const expected = row.map(({ gives }) => gives).join("");
          expect(spec.services[0]?.env[`V${index}`]).toBe(`|${expected}|`);
          expect(interpolate(row.map(({ text }) => text).join(""), { SET: "value", EMPTY: "" })).toBe(expected);
        }
      },
    ),
    { numRuns: 20 },
  );
});

test("every variable is found that docker/cli would put in, and no other", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          name.map((one) => ({ one, escaped: false })),
          name.map((one) => ({ one, escaped: true })),
        ),
      ),
      (parts) => {
        const text = parts.map(({ one, escaped }) => `${escaped ? "$$" : "$"}{${one}} `).join("");
        const wanted = parts.filter(({ escaped }) => !escaped).map(({ one }) => one);
        expect(usesIn(text).map((found) => found.name)).toEqual(wanted);
      },
    ),
  );
});

test("names: a stack name fits, and what a limit shortens still fits and stays apart", () => {
  const host = fc.domain();
  fc.assert(
    fc.property(host, host, fc.constantFrom(SERVICE_NAME_LIMIT, SECRET_NAME_LIMIT), (one, other, limit) => {
      expect(stackName(one).length).toBeLessThanOrEqual(STACK_NAME_LIMIT);
      expect(stackName(one)).not.toContain(".");
      const [left, right] = [one.repeat(3), other.repeat(3)].map((text) => boundedName(text, limit));
      expect(left?.length).toBeLessThanOrEqual(limit);
      expect(left === right).toBe(one === other);
    }),
  );
});

/** What becomes of a name: the spec has it, or it is refused in words. */
async function fate(kind: NamedObject["kind"], name: string): Promise<"taken" | "refused"> {
  const text = JSON.stringify(name);
  const rest: Record<NamedObject["kind"], [service: string, rest: string]> = {
    services: ["", `  ${JSON.stringify(name.slice(NAMESPACE.length + 1))}: {image: x}`],
    networks: ["networks: [net]", `networks: {net: {name: ${text}}}`],
    volumes: ['volumes: ["vol:/v"]', `volumes: {vol: {name: ${text}}}`],
    secrets: ["secrets: [s]", `secrets: {s: {external: true, name: ${text}}}`],
    configs: ["configs: [c]", `configs: {c: {name: ${text}, file: ./compose.yml}}`],
  };
  try {
    const app = await loadService(...rest[kind]);
    expect(app[kind].map((object) => object.name)).toContain(name);
    return "taken";
  } catch (error) {
    expect(error).toBeInstanceOf(UserErrors);
    return "refused";
  }
}

const LIMITS = { services: 63, networks: 63, volumes: 255, secrets: 64, configs: 64 };

test("names: as long as a Swarm takes them, and no longer", { timeout: 60_000 }, async () => {
  for (const [kind, limit] of Object.entries(LIMITS) as [NamedObject["kind"], number][]) {
    const padded = (length: number) => `${NAMESPACE}_${"x".repeat(length - NAMESPACE.length - 4)}_v1`;
    expect(await fate(kind, padded(limit)), kind).toBe("taken");
    expect(await fate(kind, padded(limit + 1)), kind).toBe("refused");
  }
});

test("names: what the rule says of any text is what becomes of it, and it is Swarm's own rule", {
  timeout: 60_000,
}, async () => {
  const character = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(..."aZ09_-") }, fc.constantFrom(..." .é/"));
  const kinds = fc.constantFrom(...(Object.keys(LIMITS) as NamedObject["kind"][]));
  // swarmkit, manager/controlapi/common.go; short texts only, since it takes long for others.
  const label = /^[a-zA-Z0-9](?:[-_]*[A-Za-z0-9]+)*$/;
  const file = /^[a-zA-Z0-9]+(?:[a-zA-Z0-9-_.]*[a-zA-Z0-9])?$/;
  await fc.assert(
    fc.asyncProperty(kinds, fc.string({ unit: character, minLength: 1, maxLength: 8 }), async (kind, end) => {
      const name = kind === "secrets" ? `${NAMESPACE}_${end}_1` : `${NAMESPACE}_${end}`;
      const pattern = {
        services: label,
        networks: label,
        volumes: /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/,
        secrets: file,
        configs: file,
      };
      const isGood = pattern[kind].test(name);
      expect(nameProblem({ kind, key: "k", name }) === undefined).toBe(isGood);
      expect(await fate(kind, name)).toBe(isGood ? "taken" : "refused");
    }),
    { numRuns: 60 },
  );
});

test("Go durations: what is printed in parts is their sum", () => {
  const part = fc.nat(500);
  fc.assert(
    fc.property(part, part, part, part, (h, m, s, ms) => {
      expect(nanoseconds(`${h}h${m}m${s}s${ms}ms`)).toBe(h * 3600e9 + m * 60e9 + s * 1e9 + ms * 1e6);
    }),
  );
});
