// `npm run catalogue [recipe …]`: every recipe that this project brings lives its whole life, one after the other, and
// what came of it is written into docs/catalogue.md; with names, of those alone, and the other rows stay as they are.
// Each row is written as soon as its run has passed. Needs a node that is up. Ends with code 1 when one does not pass.
import { readFile, writeFile } from "node:fs/promises";
import { run } from "../../lib/exec.ts";
import { projectPath } from "../../lib/project.ts";
import type { RunResult } from "../../lifecycle/result.ts";
import { APPLICATIONS } from "../corpus.ts";
import { type CatalogueEntry, catalogueEntry, catalogueText, readCatalogue } from "./table.ts";

const PAGE = projectPath("docs/catalogue.md");
const RECIPES = ["custom-html", ...APPLICATIONS];

const chosen = process.argv.slice(2);
for (const recipe of chosen.length > 0 ? chosen : RECIPES) {
  const argv = [process.execPath, projectPath("cli/main.ts"), "run", recipe, "--json"] as const;
  const { stdout, stderr } = await run([...argv], { cwd: projectPath() });
  const result = parsed(stdout);
  if (result) console.log(`${result.verdict}  ${recipe}, run ${result.run}`);
  else console.log(`no result of ${recipe}:\n${stdout}\n${stderr}`);
  if (result?.verdict === "pass") await enter(recipe, catalogueEntry(result));
  else process.exitCode = 1;
}

function parsed(stdout: string): RunResult | undefined {
  try {
    return JSON.parse(stdout) as RunResult;
  } catch {
    return undefined;
  }
}

/** Puts a recipe's row where the page has its place, and takes away those of recipes that are no more. */
async function enter(recipe: string, entry: CatalogueEntry): Promise<void> {
  const entries = readCatalogue(await readFile(PAGE, "utf8")).set(recipe, entry);
  const ordered = RECIPES.flatMap((name) => {
    const one = entries.get(name);
    return one ? [[name, one] as const] : [];
  });
  await writeFile(PAGE, catalogueText(new Map(ordered)));
}
