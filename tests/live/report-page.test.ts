import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunResult } from "../../lifecycle/result.ts";
import { type ReportPaths, writeReports } from "../../report/write.ts";
import { failingRun, HOSTILE } from "../fixtures/failing-run.ts";
import { passingRun } from "../fixtures/passing-run.ts";
import { launchChromium } from "./screenshot.ts";

let folder: string;
let browser: Browser;
const reports = new Map<RunResult, ReportPaths>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "report-page-"));
  for (const result of [passingRun, failingRun])
    reports.set(result, await writeReports(result, join(folder, result.run)));
  browser = await launchChromium();
}, 60_000);

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
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
    expect(await page.evaluate(() => getComputedStyle(document.body).maxWidth)).not.toBe("none");
    await page.context().close();
  },
  30_000,
);

test("markup in a recipe's output is text and does nothing", async () => {
  const { page } = await visit(failingRun, 1280);
  const found = await page.evaluate(() => ({
    ran: "pwned" in window,
    scripts: document.querySelectorAll("script, img, iframe").length,
    shown: [...document.querySelectorAll("pre")].map((pre) => pre.textContent),
  }));
  expect(found.ran).toBe(false);
  expect(found.scripts).toBe(0);
  expect(found.shown.filter((text) => text?.includes(HOSTILE))).toHaveLength(3);
  await page.context().close();
}, 30_000);

test("the page's own policy stops a script and an image even if one got in", async () => {
  const { page, noise } = await visit(passingRun, 1280);
  await page.evaluate((markup) => {
    document.body.append(document.createRange().createContextualFragment(markup));
  }, HOSTILE);
  expect(await page.evaluate(() => "pwned" in window)).toBe(false);
  expect(noise.join("\n")).toContain("Content Security Policy");
  await page.context().close();
}, 30_000);

test("failures, their evidence and their logs are visible without a click; the rest opens on one", async () => {
  const { page } = await visit(failingRun, 390);
  const seen = await page.locator("body").innerText();
  for (const part of [
    "The upgrade lost",
    "seed /ci-seed.txt: not within 30.0 s",
    "/usr/share/nginx/htdocs",
    "5f6ad7f2-8f37-4fd1-9f0e-6f6e5c1b8a55",
    "No such file or directory",
    "Left behind by the run: 2 objects",
    "The machinery or the network is to blame",
  ])
    expect(seen).toContain(part.replace("The upgrade lost", "lost what was written before it"));
  const evidence = page.getByText("0q3v8w1m5c7e9r2t4y6u8i0op");
  expect(await evidence.isVisible()).toBe(false);
  await page.locator("#check-install\\.converged summary").click();
  expect(await evidence.isVisible()).toBe(true);
  await page.context().close();
}, 30_000);

test("a failed check named on top leads to its place", async () => {
  const { page } = await visit(failingRun, 390);
  await page.getByRole("link", { name: "destroy.ledger" }).click();
  expect(await page.locator("#check-destroy\\.ledger").evaluate((element) => element.matches(":target"))).toBe(true);
  await page.context().close();
}, 30_000);

test.each(VISITS)(
  "text of the $name page stands out from its ground, $width px, $scheme",
  async ({ result, width, scheme }) => {
    const { page } = await visit(result, width, scheme);
    expect(await page.evaluate(lowContrast)).toEqual([]);
    await page.context().close();
  },
  30_000,
);

test("the page has landmarks, one main heading, and a name for everything that can be focused", async () => {
  const { page } = await visit(failingRun, 1280);
  for (const role of ["banner", "main", "contentinfo"] as const) expect(await page.getByRole(role).count()).toBe(1);
  expect(await page.getByRole("heading", { level: 1 }).allInnerTexts()).toEqual(["custom-html"]);
  const problems = await page.evaluate(() => {
    const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
    const levels = [...document.querySelectorAll("h1, h2, h3")].map(({ tagName }) => Number(tagName[1]));
    return {
      twice: ids.filter((id, index) => ids.indexOf(id) !== index),
      skipped: levels.filter((level, index) => level > (levels[index - 1] ?? 0) + 1),
      nowhere: [...document.querySelectorAll("[aria-labelledby]")].filter(
        (element) => !document.getElementById(element.getAttribute("aria-labelledby") ?? ""),
      ).length,
      unnamed: [...document.querySelectorAll("[tabindex]")].filter((element) => !element.getAttribute("aria-label"))
        .length,
    };
  });
  expect(problems).toEqual({ twice: [], skipped: [], nowhere: 0, unnamed: 0 });
  await page.context().close();
}, 30_000);

test.each(RUNS)(
  "junit.xml and badge.svg of a %s run are well-formed XML",
  async (_name, result) => {
    const paths = reports.get(result);
    const { readFile } = await import("node:fs/promises");
    const files = await Promise.all([paths?.junit ?? "", paths?.badge ?? ""].map((path) => readFile(path, "utf8")));
    const page = await browser.newPage();
    const errors = await page.evaluate(
      (texts) =>
        texts.map(
          (text) => new DOMParser().parseFromString(text, "text/xml").querySelector("parsererror")?.textContent,
        ),
      files,
    );
    expect(errors).toEqual([undefined, undefined]);
    await page.close();
  },
  30_000,
);

/** Runs in the page: texts whose contrast to what is painted behind them is below 4.5 (WCAG 2.2, 1.4.3). */
function lowContrast(): string[] {
  const canvas = document.createElement("canvas");
  canvas.width = 1;
  canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return ["no canvas"];
  const painted = (colours: string[]): number => {
    for (const colour of colours) {
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
    }
    const [red = 0, green = 0, blue = 0] = [...context.getImageData(0, 0, 1, 1).data].map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const grounds = (element: Element | null): string[] =>
    element ? [...grounds(element.parentElement), getComputedStyle(element).backgroundColor] : [];
  return [...document.querySelectorAll("body *")].flatMap((element) => {
    const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
    if (!own || !(element as HTMLElement).checkVisibility() || element.classList.contains("unseen")) return [];
    const ground = grounds(element);
    const style = getComputedStyle(element);
    const colour = element instanceof SVGElement ? style.fill : style.color;
    const [dark = 0, light = 0] = [painted(ground), painted([...ground, colour])].sort((a, b) => a - b);
    const ratio = (light + 0.05) / (dark + 0.05);
    return ratio < 4.5 ? [`${ratio.toFixed(2)} ${element.textContent?.trim().slice(0, 30)}`] : [];
  });
}
