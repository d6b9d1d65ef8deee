import { describe, expect, test } from "vitest";
import { ProgressPrinter } from "../../cli/progress.ts";
import type { StepProgress } from "../../lib/step.ts";

const CLEAR = "\r\x1b[K";

function printer(isTTY: boolean, columns = 80) {
  const written: string[] = [];
  const progress = new ProgressPrinter({ isTTY, columns, write: (text) => written.push(text) });
  const tell = (seconds: number, over: Partial<StepProgress> = {}) =>
    progress.step({ title: "root file system", state: "going", elapsedMs: seconds * 1000, ...over });
  return { written, progress, tell };
}

describe.each([true, false])("progress (terminal: %s)", (isTTY) => {
  test("of what takes no time says nothing", () => {
    const { written, tell } = printer(isTTY);
    tell(0, { expectedMs: 50_000 });
    tell(0.2, { state: "done" });
    tell(0, { title: "command plugin" });
    tell(0.01, { title: "command plugin", state: "done" });
    expect(written).toEqual([]);
  });
});

describe("without a terminal", () => {
  test("a step has a line at its start, every 15 s, and at its end", () => {
    const { written, tell } = printer(false);
    for (let second = 0; second <= 36; second++) tell(second, { note: "installing packages", expectedMs: 30_000 });
    tell(36.6, { state: "done" });
    expect(written).toEqual([
      "  root file system: installing packages, 1 s of about 30 s\n",
      "  root file system: installing packages, 16 s of about 30 s\n",
      "  root file system: installing packages, 31 s, usually 30 s\n",
      "  root file system: done in 37 s\n",
    ]);
  });

  test("two steps at once don't take each other's turn", () => {
    const { written, tell } = printer(false);
    for (let second = 0; second <= 14; second++) {
      tell(second);
      tell(second, { title: "network" });
    }
    expect(written).toEqual(["  root file system: 1 s\n", "  network: 1 s\n"]);
  });

  test("a failure is told, with what it was at", () => {
    const { written, tell } = printer(false);
    tell(90, { state: "failed", note: "extracting archives..." });
    expect(written).toEqual(["  root file system: failed after 1 min 30 s (extracting archives...)\n"]);
  });
});

describe("on a terminal", () => {
  test("one line moves, and stays as it ended", () => {
    const { written, tell } = printer(true);
    for (const second of [0, 1, 2]) tell(second, { note: "installing", expectedMs: 50_000 });
    tell(48, { state: "done" });
    expect(written).toEqual([
      `${CLEAR}  root file system: installing, 1 s of about 50 s`,
      `${CLEAR}  root file system: installing, 2 s of about 50 s`,
      CLEAR,
      "  root file system: done in 48 s\n",
    ]);
  });

  test("a long note gives way to the time, and cannot move the cursor or break the line", () => {
    const { written, tell } = printer(true, 60);
    tell(5, { note: `\x1b[2Jsetting\nup ${"x".repeat(100)}`, expectedMs: 50_000 });
    const line = written.join("").slice(CLEAR.length);
    expect(line).toMatch(/^ {2}root file system: setting up x+…, 5 s of about 50 s$/);
    expect(line.length).toBeLessThan(60);
  });

  test("a line for good comes between, and the next step moves on below", () => {
    const { written, tell, progress } = printer(true);
    tell(2);
    tell(2, { title: "network" });
    progress.line("note");
    tell(3, { state: "done" });
    expect(written.slice(1)).toEqual([
      `${CLEAR}  root file system: 2 s (and 1 more)`,
      CLEAR,
      "note\n",
      "  root file system: done in 3 s\n",
      `${CLEAR}  network: 2 s`,
    ]);
  });
});
