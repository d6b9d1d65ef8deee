import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CheckRecord } from "../checks/recorder.ts";
import { describe } from "../lib/errors.ts";
import type { Diagnostic } from "./result.ts";
import { reportFolder } from "./run-folder.ts";

/**
 * Writes where mistakes in code were thrown, an author's or recipe-ci's own, beside a run's report. What can't be
 * written must not hide what the run found: it is told by `onLine`, and the report has the trace's words all the same.
 */
export async function saveTraces(
  run: string,
  records: readonly CheckRecord[],
  onLine: (line: string) => void,
): Promise<Diagnostic[]> {
  const saved = records.map(async (record) => {
    if (record.status !== "failed" || !record.trace) return [];
    const file = `trace-of-${record.name.replaceAll(/[^a-zA-Z0-9_-]+/g, "-")}.txt`;
    await writeFile(join(reportFolder(run), file), `${record.trace}\n`).catch((error: unknown) =>
      onLine(`a stack trace can't be kept: ${describe(error)}`),
    );
    return [{ title: `stack trace of ${record.name}`, file, tail: record.trace }];
  });
  return (await Promise.all(saved)).flat();
}
