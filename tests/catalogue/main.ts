// `npm run catalogue [recipe …]`: every recipe that this project brings lives its whole life, one after the other, and
// what came of it is written into docs/catalogue.md; with names, of those alone, and nothing is written. Needs a node
// that is up. Ends with code 1 when one does not pass.
import { writeFile } from "node:fs/promises";
import { run } from "../../lib/exec.ts";
import { projectPath } from "../../lib/project.ts";
import type { RunResult } from "../../lifecycle/result.ts";
import { APPLICATIONS } from "../corpus.ts";
import { catalogueText } from "./table.ts";

const chosen = process.argv.slice(2);
const results: RunResult[] = [];
for (const recipe of chosen.length > 0 ? chosen : ["custom-html", ...APPLICATIONS]) {
  const argv = [process.execPath, projectPath("cli/main.ts"), "run", recipe, "--json"] as const;
  const { stdout, stderr } = await run([...argv], { cwd: projectPath() });
  try {
    const result = JSON.parse(stdout) as RunResult;
    results.push(result);
    console.log(`${result.verdict}  ${recipe}, run ${result.run}`);
  } catch {
    console.log(`no result of ${recipe}:\n${stdout}\n${stderr}`);
    process.exitCode = 1;
  }
}
if (results.some(({ verdict }) => verdict !== "pass")) process.exitCode = 1;
if (chosen.length === 0 && !process.exitCode) await writeFile(projectPath("docs/catalogue.md"), catalogueText(results));
