import { randomUUID } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { RunResult } from "../lifecycle/result.ts";
import { renderBadge } from "./badge.ts";
import { renderOverview } from "./html/overview.ts";
import { renderHtml } from "./html/page.ts";
import { renderJson } from "./json.ts";
import { renderJunit, renderJunitOf } from "./junit.ts";
import type { Overview } from "./overview.ts";

/** Where the reports of one run lie, absolute when the folder given was. */
export interface ReportPaths {
  /** `result.json`, see docs/result.md. */
  json: string;
  /** `junit.xml`, for a forge or a Jenkins to show. */
  junit: string;
  /** `report.html`, one self-contained page. */
  html: string;
  /** `badge.svg`, the verdict as a small picture. */
  badge: string;
}

/** Where the reports of a run lie in its folder, whether written yet or not. */
export function reportPaths(folder: string): ReportPaths {
  return {
    json: join(folder, "result.json"),
    junit: join(folder, "junit.xml"),
    html: join(folder, "report.html"),
    badge: join(folder, "badge.svg"),
  };
}

/**
 * Writes every report of a run into `folder`, which is made when missing. Each file appears whole or not at
 * all: a reader never sees a half-written one, and one from an earlier call is replaced.
 * Throws what the file system throws.
 */
export async function writeReports(result: RunResult, folder: string): Promise<ReportPaths> {
  await mkdir(folder, { recursive: true });
  const paths = reportPaths(folder);
  await writeAtomically(paths.json, renderJson(result));
  await writeAtomically(paths.junit, renderJunit(result));
  await writeAtomically(paths.html, renderHtml(result));
  await writeAtomically(paths.badge, renderBadge(result));
  return paths;
}

/**
 * Writes what several runs came to into `folder`, as {@link writeReports} does: `index.html`, `junit.xml` and
 * `result.json`, of which only the first differs in name.
 *
 * @param reportOf where the page of a run lies, from `folder`
 */
export async function writeOverview(
  overview: Overview,
  folder: string,
  reportOf: (run: string) => string,
): Promise<Omit<ReportPaths, "badge">> {
  await mkdir(folder, { recursive: true });
  const { json, junit } = reportPaths(folder);
  const paths = { html: join(folder, "index.html"), json, junit };
  await writeAtomically(paths.json, `${JSON.stringify(overview, undefined, 2)}\n`);
  await writeAtomically(paths.junit, renderJunitOf(overview));
  await writeAtomically(paths.html, renderOverview(overview, reportOf));
  return paths;
}

async function writeAtomically(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
