import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContextOptions, chromium } from "playwright-core";
import { QUIET } from "../../checks/browser/chromium.ts";

const CHROMIUM = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";

/** Starts the system's Chromium without a screen, and quiet on the network. `CHROMIUM_PATH` names another one. */
export async function launchChromium(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) {
    throw new Error(`there is no Chromium at ${CHROMIUM}: apt-get install chromium, or set CHROMIUM_PATH to one`);
  }
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", ...QUIET],
  });
}

/** Writes a PNG of a local HTML file, `width` CSS pixels wide and `height` high: the whole page without one. */
export async function screenshot(
  htmlPath: string,
  width: number,
  pngPath: string,
  options: BrowserContextOptions & { height?: number } = {},
): Promise<void> {
  const browser = await launchChromium();
  try {
    const context = await browser.newContext({ ...options, viewport: { width, height: options.height ?? 800 } });
    const page = await context.newPage();
    await page.goto(pathToFileURL(htmlPath).href);
    await page.screenshot({ path: pngPath, fullPage: options.height === undefined });
  } finally {
    await browser.close();
  }
}

if (import.meta.main) {
  const [htmlPath, width, pngPath, scheme, height] = process.argv.slice(2);
  if (!htmlPath || !width || !pngPath) {
    console.error(
      "usage: node tests/live/screenshot.ts <report.html> <width in pixels> <out.png> [light|dark] [height]",
    );
    process.exit(2);
  }
  await screenshot(htmlPath, Number(width), pngPath, {
    colorScheme: scheme === "dark" ? "dark" : "light",
    height: height ? Number(height) : undefined,
  });
}
