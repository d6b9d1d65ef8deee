import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { withLock } from "../../lib/lock.ts";
import { type ProcessIdentity, processIdentity } from "../../lib/process-identity.ts";
import { projectPath } from "../../lib/project.ts";

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "recipe-ci-lock-"));
  file = join(folder, "lock");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** What the lock of a process that is gone says. */
const dead = `${process.pid} 1 ${processIdentity().bootId}`;

const lock = <T>(work: () => Promise<T>) => withLock("a thing", work, { file });

/** A process that takes the lock and says so by its output; `body` is what it does inside. */
function otherProcess(body: string): ChildProcess {
  const program = `
    import { withLock } from ${JSON.stringify(projectPath("lib/lock.ts"))};
    import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
    const [file, data] = process.argv.slice(1);
    ${body}
  `;
  return spawn(process.execPath, ["--input-type=module", "--eval", program, "--", file, join(folder, "data")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

describe("a lock", () => {
  it("is held by one at a time, all get their turn, nothing is left", async () => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside--;
    };
    await Promise.all([lock(work), lock(work), lock(work)]);
    expect(most).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  it("is taken by one only of many that find it stale at about the same time", { timeout: 60_000 }, async () => {
    let most = 0;
    for (let round = 0; round < 30; round++) {
      await symlink(dead, file);
      const end = new AbortController();
      let inside = 0;
      const work = async () => {
        most = Math.max(most, ++inside);
        if (inside === 1) setTimeout(() => end.abort(), 10);
        if (!end.signal.aborted) await once(end.signal, "abort");
        inside--;
      };
      const contenders: Promise<unknown>[] = [];
      for (let index = 0; index < 200; index++) {
        contenders.push(withLock("a thing", work, { file, signal: end.signal }).catch(() => undefined));
        await new Promise((resolve) => setImmediate(resolve));
      }
      await Promise.all(contenders);
    }
    expect(most).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  it("is kept between processes that all find it stale", { timeout: 60_000 }, async () => {
    await symlink(dead, file);
    await writeFile(join(folder, "data"), "0");
    const count = `
      for (let turn = 0; turn < 5; turn++)
        await withLock("a thing", async () => {
          const value = Number(readFileSync(data, "utf8"));
          await new Promise((resolve) => setTimeout(resolve, 2));
          writeFileSync(data, String(value + 1));
        }, { file });
    `;
    const children = [1, 2, 3].map(() => otherProcess(count));
    const codes = await Promise.all(children.map(async (child) => (await once(child, "exit"))[0]));
    expect(codes).toEqual([0, 0, 0]);
    expect(await readFile(join(folder, "data"), "utf8")).toBe("15");
  });

  it("is free again after its work failed", async () => {
    await expect(lock(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await lock(async () => "yes")).toBe("yes");
  });

  it("names whom it waits for, and the wait can be ended", async () => {
    const controller = new AbortController();
    const waiting: ProcessIdentity[] = [];
    await lock(async () => {
      const onWait = (holder: ProcessIdentity) => {
        waiting.push(holder);
        controller.abort(new Error("enough"));
      };
      const second = withLock("a thing", async () => "never", { file, onWait, signal: controller.signal });
      await expect(second).rejects.toThrow("enough");
    });
    expect(waiting).toEqual([processIdentity()]);
  });

  it("is given up with a remedy when its holder never is done", async () => {
    await lock(async () => {
      await expect(withLock("a thing", async () => undefined, { file, deadline: "100 ms" })).rejects.toMatchObject({
        name: "InfraError",
        message: `a thing is in use by another recipe-ci process: held by process ${process.pid}`,
        remedy: expect.any(String),
      });
    });
  });

  it("is free of a process that was killed in the middle of its work", async () => {
    const child = otherProcess(
      `await withLock("a thing", () => { console.log("in"); return new Promise((r) => setTimeout(r, 60_000)); }, { file });`,
    );
    if (child.stdout) await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await lock(async () => "mine")).toBe("mine");
    expect(await readdir(folder)).toEqual([]);
  });

  it("is taken over from one that was killed while it removed a stale lock", async () => {
    await symlink(dead, file);
    await symlink(dead, `${file}.stale`);
    expect(await lock(async () => "mine")).toBe("mine");
    expect(await readdir(folder)).toEqual([]);
  });

  it.each(["x", "1", "0 1 boot", "-1 1 boot", "1 x boot", '{"pid":1}'])("that says %j is nobody's", async (content) => {
    await symlink(content, file);
    expect(await lock(() => readlink(file))).toMatch(new RegExp(`^${process.pid} `));
  });

  it("is not made where something else lies, which stays", async () => {
    await mkdir(file);
    await expect(lock(async () => undefined)).rejects.toMatchObject({ name: "InfraError", remedy: "remove it" });
    expect(await readdir(folder)).toEqual(["lock"]);
  });

  it("fits into an inode: a full disk can be cleaned up", async () => {
    expect((await lock(() => readlink(file))).length).toBeLessThanOrEqual(59);
  });

  it("lies in recipe-ci's home, one for each name", async () => {
    vi.stubEnv("RECIPE_CI_HOME", folder);
    await withLock("one", () =>
      withLock("two", async () => expect(await readdir(join(folder, "locks"))).toHaveLength(2)),
    );
    expect(await readdir(join(folder, "locks"))).toEqual([]);
  });

  it("that can't be written is an error for people", async () => {
    await writeFile(join(folder, "file"), "");
    const inFile = { file: join(folder, "file", "lock") };
    await expect(withLock("a thing", async () => undefined, inFile)).rejects.toMatchObject({
      name: "InfraError",
      remedy: expect.any(String),
    });
  });
});
