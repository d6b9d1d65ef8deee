// A test proves its worth by failing on a mutant: `node tests/mutants/run.ts [part of a file name]`. Works on a copy
// of the checkout, never on the checkout itself. Ends with code 1 when a mutant survives.
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { exec, run } from "../../lib/exec.ts";
import { projectPath } from "../../lib/project.ts";
import { MUTANTS, type Mutant } from "./table.ts";

/** Longest time for one test file; a mutant that makes it hang is noticed too. */
const LIMIT_MS = 120_000;

const only = process.argv[2] ?? "";
const chosen = MUTANTS.filter((mutant) => mutant.file.includes(only));
const copy = await copyCheckout();
const counts = { passed: 0, failed: 0 };
try {
  for (const test of new Set(chosen.map((mutant) => mutant.test))) {
    if (await passes(test)) continue;
    counts.failed++;
    console.log(`BROKEN    ${test} fails without any mutant`);
  }
  for (const mutant of counts.failed === 0 ? chosen : []) {
    const killed = await isKilled(mutant);
    counts[killed ? "passed" : "failed"]++;
    console.log(
      `${killed ? "killed  " : "SURVIVED"}  ${mutant.file}: ${shown(mutant.find)} -> ${shown(mutant.replace)}`,
    );
  }
} finally {
  await rm(copy, { recursive: true, force: true });
}
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;

/** Every file that git knows or would take up, in a folder of its own; the dependencies stay where they are. */
async function copyCheckout(): Promise<string> {
  const listed = await exec(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: projectPath(),
  });
  const folder = await mkdtemp(join(tmpdir(), "recipe-ci-mutants-"));
  for (const file of new Set(listed.split("\0").filter(Boolean))) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    // A file that is deleted and not yet committed is listed as well.
    await cp(projectPath(file), join(folder, file)).catch(() => undefined);
  }
  await symlink(projectPath("node_modules"), join(folder, "node_modules"));
  return folder;
}

/** Puts the mutant in, runs its test, and takes it out again. @throws when its text is not there exactly once */
async function isKilled({ file, find, replace, test }: Mutant): Promise<boolean> {
  const path = join(copy, file);
  const text = await readFile(path, "utf8");
  if (text.split(find).length !== 2) throw new Error(`${file} does not hold this exactly once: ${find}`);
  await writeFile(
    path,
    text.replace(find, () => replace),
  );
  try {
    return !(await passes(test));
  } finally {
    await writeFile(path, text);
  }
}

async function passes(test: string): Promise<boolean> {
  const vitest = join(copy, "node_modules/vitest/vitest.mjs");
  const argv = [process.execPath, vitest, "run", "--bail", "1", `tests/${test}`] as const;
  const env = { ...process.env, CI: "true" };
  const { code, stdout } = await run([...argv], { cwd: copy, env, timeout: LIMIT_MS });
  if (stdout.includes("No test files found")) throw new Error(`there is no tests/${test}`);
  return code === 0;
}

function shown(text: string): string {
  return JSON.stringify(text.trim().length > 60 ? `${text.trim().slice(0, 57)}...` : text.trim());
}
