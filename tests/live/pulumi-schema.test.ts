import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import ts from "typescript";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { projectPath } from "../../lib/project.ts";
import { ensurePulumi } from "../../pulumi/locate.ts";
import { VERSIONS } from "../../pulumi/versions.ts";

/** Resources that the official provider has alone, and nobody here uses. */
const OFFICIAL_ALONE = ["BuildxBuilder", "Image"];
/** What is nested in those, and in functions. */
const OFFICIAL_NESTED = /^(?:BuildxBuilder.*|CacheFrom|DockerBuild|Registry|Get.*)$/;
const SDK = projectPath("node_modules/@pulumi/docker");

/** Of a schema, what is compared (Pulumi's schema: pulumi/pulumi pkg/codegen/schema/pulumi.json). */
interface PropertyType {
  type?: string;
  $ref?: string;
  items?: PropertyType;
  additionalProperties?: PropertyType;
}
interface ObjectType {
  properties?: Record<string, PropertyType>;
  required?: string[];
}
interface Resource extends ObjectType {
  inputProperties?: Record<string, PropertyType>;
  requiredInputs?: string[];
}
interface Schema {
  resources: Record<string, Resource>;
  types: Record<string, ObjectType>;
  functions: Record<string, unknown>;
  provider: Resource;
}

/** Members by name, as TypeScript has them: `?: pulumi.Input<string | undefined>`. */
type Members = Record<string, string>;

let schema: Schema;
/** The declarations that the npm package ships, which are made of the official provider's schema, by name. */
let shipped: { args: Map<string, Members>; classes: Map<string, Members>; inputs: Map<string, Members> };

beforeAll(async () => {
  vi.stubEnv("RECIPE_CI_ENGINE", "built");
  const { env } = await ensurePulumi({ onProgress: () => undefined });
  vi.unstubAllEnvs();
  const plugin = join(env.PULUMI_HOME ?? "", "plugins", `resource-docker-v${VERSIONS.plugins.docker}`);
  schema = JSON.parse(await readFile(join(plugin, "schema.json"), "utf8"));
  const names = [...readFileSync(join(SDK, "index.d.ts"), "utf8").matchAll(/from "\.\/(\w+)"/g)].map(
    ([, name]) => name,
  );
  const files = [...new Set(names)]
    .filter((name) => existsSync(join(SDK, `${name}.d.ts`)))
    .map((name) => declarations(`${name}.d.ts`));
  shipped = {
    args: new Map(files.flatMap(({ interfaces }) => [...interfaces])),
    classes: new Map(files.flatMap(({ classes }) => [...classes])),
    inputs: declarations("types/input.d.ts").interfaces,
  };
});

/** Interfaces and classes of a file of declarations. */
function declarations(file: string): { interfaces: Map<string, Members>; classes: Map<string, Members> } {
  const source = ts.createSourceFile(file, readFileSync(join(SDK, file), "utf8"), ts.ScriptTarget.Latest, true);
  const [interfaces, classes] = [new Map<string, Members>(), new Map<string, Members>()];
  const membersOf = (nodes: readonly (ts.TypeElement | ts.ClassElement)[]) =>
    Object.fromEntries(
      nodes.flatMap((node): [string, string][] => {
        if (!(ts.isPropertySignature(node) || ts.isPropertyDeclaration(node)) || !node.type) return [];
        if (ts.getModifiers(node as ts.PropertyDeclaration)?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword))
          return [];
        return [[node.name.getText(), `${node.questionToken ? "?" : ""}: ${plain(node.type.getText())}`]];
      }),
    );
  for (const node of source.statements) {
    if (ts.isInterfaceDeclaration(node)) interfaces.set(node.name.text, membersOf(node.members));
    if (ts.isClassDeclaration(node) && node.name) classes.set(node.name.text, membersOf(node.members));
  }
  return { interfaces, classes };
}

/** Without what differs in layout alone. */
function plain(type: string): string {
  return type.replace(/\s+/g, " ").replace(/; }/g, " }");
}

/** An object's inputs as Pulumi's generator of SDKs writes them (pulumi/pulumi pkg/codegen/nodejs). */
function inputsOf(properties: Record<string, PropertyType> = {}, required: readonly string[] = []): Members {
  return Object.fromEntries(
    Object.entries(properties).map(([name, type]) => {
      const isRequired = required.includes(name);
      return [name, `${isRequired ? "" : "?"}: pulumi.Input<${inputType(type)}${isRequired ? "" : " | undefined"}>`];
    }),
  );
}

function inputType({ type, $ref, items, additionalProperties }: PropertyType): string {
  if ($ref) return `inputs.${lastName(decodeURIComponent($ref))}`;
  if (items) return `pulumi.Input<${inputType(items)}>[]`;
  if (additionalProperties) return `{ [key: string]: pulumi.Input<${inputType(additionalProperties)}> }`;
  return type === "integer" ? "number" : (type ?? "any");
}

function lastName(token: string): string {
  return token.split(/[:/]/).at(-1) ?? token;
}

/** Names of members that are not the same on both sides. */
function differing(built: Members, official: Members = {}): string[] {
  const names = new Set([...Object.keys(built), ...Object.keys(official)]);
  return [...names].filter((name) => built[name] !== official[name]).sort();
}

/** What differs where something does, by what it is in. */
function told(entries: [string, string[]][]): Record<string, string[]> {
  return Object.fromEntries(entries.filter(([, names]) => names.length > 0));
}

/** The official provider gives names of its own to these, and one of them a default; none is used here. */
const DIFFERENT = {
  Container: ["command", "commands", "networksAdvanced", "networksAdvanceds"],
  Provider: ["registryAuth", "registryAuths"],
  RemoteImage: ["name"],
};

describe("the schema of the docker plugin that is built here is that of the official one, but for names nobody uses", () => {
  test("in its resources", () => {
    const built = Object.keys(schema.resources).map(lastName);
    const official = [...shipped.classes.keys()].filter((name) => name !== "Provider");
    expect([...built, ...OFFICIAL_ALONE].sort()).toEqual(official.sort());
  });

  test("in every input of each, with its type, and whether it must be given", () => {
    const all = { "docker:index/provider:Provider": schema.provider, ...schema.resources };
    const found = Object.entries(all).map(([token, { inputProperties, requiredInputs }]): [string, string[]] => {
      const name = lastName(token);
      return [name, differing(inputsOf(inputProperties, requiredInputs), shipped.args.get(`${name}Args`))];
    });
    expect(told(found)).toEqual(DIFFERENT);
  });

  test("in every output of each, by name", () => {
    const named = (of: object = {}) => Object.fromEntries(Object.keys(of).map((name) => [name, name]));
    const found = Object.entries(schema.resources).map(([token, { properties }]): [string, string[]] => {
      const name = lastName(token);
      return [name, differing(named(properties), named(shipped.classes.get(name)))];
    });
    expect(told(found)).toEqual({ Container: DIFFERENT.Container });
  });

  test("in what is nested in inputs", () => {
    const types = new Map(Object.entries(schema.types).map(([token, type]) => [lastName(token), type]));
    const ofResources = [...shipped.inputs].filter(([name]) => !OFFICIAL_NESTED.test(name));
    expect(ofResources.length).toBeGreaterThan(50);
    const found = ofResources.map(([name, members]): [string, string[]] => {
      const { properties, required } = types.get(name) ?? {};
      return [name, differing(inputsOf(properties, required), members)];
    });
    expect(told(found)).toEqual({});
  });
});
