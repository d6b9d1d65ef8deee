import ts from "typescript";
import { expect, test } from "vitest";
import { projectPath } from "../../lib/project.ts";
import { assertKnownKeys } from "../../recipes/definition-keys.ts";
import { readmeExample, readmeExamples } from "../fixtures/readme-example.ts";

/** What the compiler says of them, each at the place that such a file has. */
function complaints(examples: ReadonlyMap<string, string>): string[] {
  const config = ts.readConfigFile(projectPath("tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(
    { ...config.config, include: [], files: [] },
    ts.sys,
    projectPath(),
  );
  const texts = new Map([...examples].map(([name, text]) => [projectPath(`recipes/${name}-of-readme/ci.ts`), text]));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => texts.has(path) || fileExists(path);
  host.readFile = (path) => texts.get(path) ?? readFile(path);
  host.getSourceFile = (path, language, ...more) => {
    const text = texts.get(path);
    return text === undefined ? getSourceFile(path, language, ...more) : ts.createSourceFile(path, text, language);
  };
  const program = ts.createProgram([...texts.keys()], options, host);
  const found = [...texts.keys()].flatMap((path) => {
    const file = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
  });
  return found.map(
    ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`,
  );
}

test("README shows a ci.ts with a browser, one with a database and one with single sign-on, each whole", () => {
  expect([...readmeExamples().keys()].sort()).toEqual(["guest-book", "miniflux", "wiki"]);
});

test("each is right by its types, which name a mistake", () => {
  const right = readmeExamples();
  const wrong = [...right].map(([name, text]) => [`wrong-${name}`, text.replace("  name:", "  nmae:")] as const);
  const names = complaints(new Map([...right, ...wrong])).map((said) => /recipes\/(.+)-of-readme/.exec(said)?.[1]);
  expect([...new Set(names)].sort()).toEqual(wrong.map(([name]) => name).sort());
});

test.each([...readmeExamples().keys()])("%s has no key that nothing reads", async (name) => {
  const definition = await readmeExample(name);
  expect(definition.name).toBe(name);
  assertKnownKeys(definition, "README.md");
});
