import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunResult } from "../../lifecycle/result.ts";
import { type ReportPaths, writeReports } from "../../report/write.ts";
import { failingRun, HOSTILE } from "../fixtures/failing-run.ts";
import { passingRun } from "../fixtures/passing-run.ts";
import { launchChromium } from "./screenshot.ts";

/** Adds `probes` to every page: what a test asks of a page from inside. */
const PROBES = fileURLToPath(new URL("report-page-probes.js", import.meta.url));

let folder: string;
let browser: Browser;
const reports = new Map<RunResult, ReportPaths>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "report-page-"));
  for (const result of [passingRun, failingRun])
    reports.set(result, await writeReports(result, join(folder, result.run)));
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

interface Visit {
  page: Page;
  /** What the page said on the console, threw, or asked for beside itself. */
  noise: string[];
}

async function visit(result: RunResult, width: number, colorScheme: "light" | "dark" = "light"): Promise<Visit> {
  const path = reports.get(result)?.html;
  if (!path) throw new Error("the report was not written");
  const page = await (await browser.newContext({ viewport: { width, height: 800 }, colorScheme })).newPage();
  await page.addInitScript({ path: PROBES });
  const noise: string[] = [];
  const url = pathToFileURL(path).href;
  page.on("console", (message) => noise.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => noise.push(`error: ${error.message}`));
  page.on("request", (request) => {
    if (request.url() !== url && !request.url().startsWith("data:")) noise.push(`request: ${request.url()}`);
  });
  await page.goto(url, { waitUntil: "networkidle" });
  return { page, noise };
}

const RUNS: [string, RunResult][] = [
  ["passing", passingRun],
  ["failing", failingRun],
];
const VISITS = RUNS.flatMap(([name, result]) =>
  [390, 1280].flatMap((width) => (["light", "dark"] as const).map((scheme) => ({ name, result, width, scheme }))),
);

test.each(VISITS)(
  "the $name page is quiet, self-contained and fits $width px, $scheme",
  async ({ result, width, scheme }) => {
    const { page, noise } = await visit(result, width, scheme);
    expect(noise).toEqual([]);
    expect(await page.evaluate<number>("probes.horizontalOverflow()")).toBe(0);
    expect(await page.evaluate<boolean>("probes.isStyled()")).toBe(true);
    await page.context().close();
  },
  30_000,
);

test("markup in a recipe's output is text and does nothing", async () => {
  const { page } = await visit(failingRun, 1280);
  expect(await page.evaluate<boolean>("'pwned' in window")).toBe(false);
  expect(await page.locator("script, img, iframe").count()).toBe(0);
  const blocks = await page.locator("pre").allTextContents();
  expect(blocks.filter((text) => text.includes(HOSTILE))).toHaveLength(4);
  await page.context().close();
});

test("the page's own policy stops a script and an image even if one got in", async () => {
  const { page, noise } = await visit(passingRun, 1280);
  await page.evaluate(`probes.append(${JSON.stringify(HOSTILE)})`);
  expect(await page.evaluate<boolean>("'pwned' in window")).toBe(false);
  expect(noise.join("\n")).toContain("Content Security Policy");
  await page.context().close();
});

test("failures, their evidence and their logs are visible without a click; the rest opens on one", async () => {
  const { page } = await visit(failingRun, 390);
  for (const part of [
    "lost what was written before it",
    "seed /ci-seed.txt: not within 30.0 s",
    "/usr/share/nginx/htdocs",
    "5f6ad7f2-8f37-4fd1-9f0e-6f6e5c1b8a55",
    "No such file or directory",
    "Left behind by the run: 2 objects",
    "The machinery or the network is at fault",
  ])
    expect(await page.getByText(part).last().isVisible(), part).toBe(true);
  const evidence = page.getByLabel("services of install.converged");
  expect(await evidence.isVisible()).toBe(false);
  await page.locator("#check-install\\.converged summary").click();
  expect(await evidence.isVisible()).toBe(true);
  await page.context().close();
});

test("a failed check named on top leads to its place", async () => {
  const { page } = await visit(failingRun, 390);
  await page.getByRole("link", { name: "destroy.nothing-left" }).click();
  expect(await page.locator("#check-destroy\\.nothing-left:target").count()).toBe(1);
  await page.context().close();
});

test.each(VISITS)(
  "text of the $name page stands out from its ground, $width px, $scheme",
  async ({ result, width, scheme }) => {
    const { page } = await visit(result, width, scheme);
    expect(await page.evaluate<string[]>("probes.lowContrast()")).toEqual([]);
    await page.context().close();
  },
  30_000,
);

test("the page has landmarks, one main heading, and a name for everything that can be focused", async () => {
  const { page } = await visit(failingRun, 1280);
  for (const role of ["banner", "main", "contentinfo"] as const) expect(await page.getByRole(role).count()).toBe(1);
  expect(await page.getByRole("heading", { level: 1 }).allInnerTexts()).toEqual(["custom-html"]);
  expect(await page.evaluate("probes.structure()")).toEqual({ twice: [], skipped: [], nowhere: [], unnamed: [] });
  await page.context().close();
});

test.each(RUNS)(
  "junit.xml and badge.svg of a %s run are well-formed XML",
  async (_name, result) => {
    const paths = reports.get(result);
    const files = await Promise.all([paths?.junit ?? "", paths?.badge ?? ""].map((path) => readFile(path, "utf8")));
    const page = await browser.newPage();
    await page.addInitScript({ path: PROBES });
    await page.goto("about:blank");
    const errors = await page.evaluate(`probes.xmlErrors(${JSON.stringify(files)})`);
    expect(errors).toEqual(["", ""]);
    await page.close();
  },
  30_000,
);
