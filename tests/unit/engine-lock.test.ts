import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { withLock } from "../../engine/lock.ts";

let folder: string;
let lock: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "recipe-ci-lock-"));
  lock = join(folder, "build.lock");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("withLock", () => {
  test("only one holds it at a time, all get their turn, nothing is left", async () => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside--;
    };
    await Promise.all([withLock(lock, work), withLock(lock, work), withLock(lock, work)]);
    expect(most).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  test("is released when the work fails", async () => {
    await expect(withLock(lock, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await withLock(lock, async () => "yes")).toBe("yes");
  });

  test("a living holder is waited for and named; the wait can be ended", async () => {
    const controller = new AbortController();
    const waiting: number[] = [];
    await withLock(lock, async () => {
      const onWait = ({ pid }: { pid: number }) => {
        waiting.push(pid);
        controller.abort(new Error("enough"));
      };
      const second = withLock(lock, async () => "never", { onWait, signal: controller.signal });
      await expect(second).rejects.toThrow("enough");
    });
    expect(waiting).toEqual([process.pid]);
  });

  test("a lock of a process that is gone is taken over", async () => {
    const child = spawn(process.execPath, ["-e", "0"]);
    const { pid } = child;
    await once(child, "close");
    await writeFile(lock, JSON.stringify({ pid, started: "1" }));
    expect(await withLock(lock, async () => "mine")).toBe("mine");
  });

  test("a lock of an earlier process with a number that lives again is taken over", async () => {
    await writeFile(lock, JSON.stringify({ pid: process.pid, started: "1" }));
    expect(await withLock(lock, async () => "mine")).toBe("mine");
  });

  test.each(["", "{", '{"pid":"x"}', '{"pid":-1}'])("a lock file with %j in it is taken over", async (content) => {
    await writeFile(lock, content);
    expect(await withLock(lock, () => readFile(lock, "utf8"))).toContain(`"pid":${process.pid}`);
  });
});
