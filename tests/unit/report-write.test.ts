import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { renderBadge } from "../../report/badge.ts";
import { writeReports } from "../../report/write.ts";
import { failingRun } from "../fixtures/failing-run.ts";
import { passingRun } from "../fixtures/passing-run.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "report-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("writes four files into a folder it makes, and names them", async () => {
  const paths = await writeReports(passingRun, join(folder, "a/b"));
  expect((await readdir(join(folder, "a/b"))).sort()).toEqual(["badge.svg", "junit.xml", "report.html", "result.json"]);
  expect(JSON.parse(await readFile(paths.json, "utf8"))).toEqual(passingRun);
  expect(await readFile(paths.junit, "utf8")).toMatch(/^<\?xml /);
  expect(await readFile(paths.html, "utf8")).toMatch(/^<!doctype html>/);
  expect(await readFile(paths.badge, "utf8")).toBe(renderBadge(passingRun));
});

test("a second call replaces the first's files", async () => {
  await writeReports(passingRun, folder);
  const { json } = await writeReports(failingRun, folder);
  expect(JSON.parse(await readFile(json, "utf8")).verdict).toBe("fail");
  expect(await readdir(folder)).toHaveLength(4);
});

test("a file that can't be replaced fails the call and leaves no half-written one", async () => {
  await mkdir(join(folder, "report.html/in-the-way"), { recursive: true });
  await expect(writeReports(passingRun, folder)).rejects.toThrow();
  expect((await readdir(folder)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("the badge names the verdict for eyes and for screen readers", () => {
  const badge = renderBadge({ verdict: "infra", standIns: [] });
  expect(badge).toContain('aria-label="recipe-ci: infra"');
  expect(badge).toContain(">infra</text>");
});

test("the badge of a run on stand-ins says so in its title", () => {
  const standIns = ["nginx:1.29.0", "restic/restic:0.18.0"].map((image) => ({ image, builtFrom: "", reason: "" }));
  const badge = renderBadge({ verdict: "pass", standIns });
  expect(badge).toContain("<title>recipe-ci: pass, with 2 stand-ins for images</title>");
  expect(badge).toContain('aria-label="recipe-ci: pass, with 2 stand-ins for images"');
  expect(badge).toContain(">pass</text>");
});
