import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Redactor } from "../../masking/redactor.ts";
import type { FileKeeper } from "./browser-host.ts";
import { lineOf } from "./console.ts";
import { maskedTrace } from "./mask-trace.ts";
import type { RecordedSession } from "./session.ts";

const TAIL_LINES = 60;
const HELD_BY_INPUTS = "input, textarea";

/**
 * Keeps what a person would look at: the page as it looked, its console, its requests, and Playwright's trace. Secrets
 * are masked in texts, and covered in the picture.
 */
export async function keepSession(
  session: RecordedSession,
  check: string,
  { folder, kept }: FileKeeper,
  redactor: Redactor,
): Promise<void> {
  const name = `browser-${check.replaceAll(/[^a-zA-Z0-9_-]+/g, "-")}`;
  const numbered = kept.some(({ file }) => file.startsWith(`${name}-`)) ? `${name}-${kept.length}` : name;
  const path = (part: string) => join(folder, `${numbered}-${part}`);
  const keep = (title: string, part: string, tail: string) =>
    kept.push({ title: `${title} of ${check}`, file: `${numbered}-${part}`, tail });
  const text = async (title: string, part: string, lines: readonly string[]) => {
    const masked = redactor.text(lines.join("\n"));
    await writeFile(path(part), `${masked}\n`);
    keep(title, part, masked.split("\n").slice(-TAIL_LINES).join("\n"));
  };
  // Whatever of it can't be had any more must not keep the rest.
  const steps = [
    async () => {
      await picture(session, path("screenshot.png"), redactor);
      keep("screenshot", "screenshot.png", session.page.url());
    },
    () => text("console", "console.txt", session.lines.map(lineOf)),
    () => text("network log", "network.txt", session.requests),
    async () => {
      await trace(session, path("trace.zip"), redactor);
      keep("trace", "trace.zip", `npx playwright-core show-trace ${numbered}-trace.zip`);
    },
  ];
  for (const step of steps) await step().catch(() => undefined);
}

async function picture({ page }: RecordedSession, path: string, redactor: Redactor): Promise<void> {
  const inputs = await page.locator(HELD_BY_INPUTS).all();
  const values = await Promise.all(inputs.map((input) => input.inputValue({ timeout: 1000 }).catch(() => "")));
  const holding = inputs.filter((_, index) => redactor.hides(values[index] ?? ""));
  const shown = redactor.hides(await page.locator("body").innerText({ timeout: 1000 })) ? [page.locator("body")] : [];
  await page.screenshot({ path, mask: [...holding, ...shown], timeout: 5000 });
}

async function trace({ browserContext }: RecordedSession, path: string, redactor: Redactor): Promise<void> {
  const raw = `${path}.raw`;
  try {
    await browserContext.tracing.stop({ path: raw });
    await writeFile(path, maskedTrace(await readFile(raw), redactor));
  } finally {
    await rm(raw, { force: true });
  }
}
