import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Duration, humanize, milliseconds } from "../../lib/duration.ts";
import { describe as explain, InfraError, UserError, UserErrors } from "../../lib/errors.ts";
import { ExecError, exec, run } from "../../lib/exec.ts";
import { boundedName, shortHash } from "../../lib/names.ts";
import { projectPath } from "../../lib/project.ts";
import { DeadlineError, until } from "../../lib/until.ts";
import { TestClock } from "../fixtures/spec.ts";

describe("a duration", () => {
  test.each<[Duration, number]>([
    ["250 ms", 250],
    ["1.5 s", 1500],
    ["5 min", 300_000],
    ["0 s", 0],
  ])("%s is %d milliseconds", (text, ms) => {
    expect(milliseconds(text)).toBe(ms);
  });

  test.each(["", "5", "5 h", "-1 s", "x s", "5s"])("%j is none", (text) => {
    expect(() => milliseconds(text as Duration)).toThrow(RangeError);
  });

  test.each([
    [0, "0 ms"],
    [849.6, "850 ms"],
    [999.9, "1.0 s"],
    [3_210, "3.2 s"],
    [59_990, "1 min 00 s"],
    [60_000, "1 min 00 s"],
    [245_000, "4 min 05 s"],
  ])("%d is shown as %s", (ms, text) => {
    expect(humanize(ms)).toBe(text);
  });
});

describe("a bounded name", () => {
  test("is the name itself where it fits", () => {
    expect(boundedName("a".repeat(63), 63)).toBe("a".repeat(63));
  });

  test("fits, ends well, is the same each time, and unlike that of any other name", () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9_.-]{10,90}$/);
    fc.assert(
      fc.property(name, name, fc.integer({ min: 16, max: 64 }), (one, other, limit) => {
        const bounded = boundedName(one, limit);
        expect(bounded.length).toBeLessThanOrEqual(limit);
        expect(bounded).toBe(boundedName(one, limit));
        if (one.length > limit && one !== other) expect(boundedName(other, limit)).not.toBe(bounded);
      }),
    );
  });

  test("keeps the parts of a hash apart", () => {
    expect(shortHash(["ab", "c"])).not.toBe(shortHash(["a", "bc"]));
    expect(shortHash(["a"], 12)).toMatch(/^[0-9a-f]{12}$/);
  });
});

describe("waiting until something holds", () => {
  const what = "the lamp";

  test("ends with its value, as soon as it holds", async () => {
    let looks = 0;
    const look = async () =>
      ++looks === 3 ? { done: true as const, value: "lit" } : { done: false as const, reason: "dark" };
    const clock = new TestClock();
    expect(await until(look, { what, deadline: "1 s", clock })).toBe("lit");
    expect([looks, clock.now()]).toEqual([3, 400]);
  });

  test("ends at its deadline with the last reason", async () => {
    const clock = new TestClock();
    const look = async () => ({ done: false as const, reason: `dark at ${clock.now()}` });
    const error = await until(look, { what, deadline: "1 s", every: "300 ms", clock }).catch((one: unknown) => one);
    expect(error).toBeInstanceOf(DeadlineError);
    expect((error as Error).message).toBe("the lamp: not within 1.0 s; last seen: dark at 1200");
  });

  test("looks once at least, and ends at once when the look throws or the run is cancelled", async () => {
    const clock = new TestClock();
    expect(await until(async () => ({ done: true, value: 1 }), { what, deadline: "0 s", clock })).toBe(1);
    const broken = async () => {
      throw new Error("broken for good");
    };
    await expect(until(broken, { what, deadline: "1 s", clock })).rejects.toThrow("broken for good");
    const signal = AbortSignal.abort(new Error("cancelled"));
    const dark = async () => ({ done: false as const, reason: "dark" });
    await expect(until(dark, { what, deadline: "1 s", clock, signal })).rejects.toThrow("cancelled");
    expect(clock.now()).toBe(0);
  });
});

describe("an error for a person", () => {
  test.each<[unknown, string]>([
    [new UserError("no image"), "no image"],
    [
      new UserError("no image", { place: { file: "compose.yml", line: 3, key: "services.app" }, remedy: "add one" }),
      "compose.yml:3 services.app: no image\n  remedy: add one",
    ],
    [new UserError("x", { place: { key: "k" } }), "k: x"],
    [new InfraError("no answer", { remedy: "start it" }), "no answer\n  remedy: start it"],
    [new UserErrors([new UserError("a"), new UserError("b")]), "a\nb"],
    [new Error("plain"), "plain"],
    ["text", "text"],
  ])("%s", (error, text) => {
    expect(explain(error)).toBe(text);
  });
});

describe("a program", () => {
  const node = (script: string) => [process.execPath, "-e", script] as [string, ...string[]];

  test("gets its input, and gives both streams and its code", async () => {
    const script = "process.stdin.pipe(process.stdout); console.error('warn'); process.exitCode = 3";
    expect(await run(node(script), { input: "hello" })).toEqual({ code: 3, stdout: "hello", stderr: "warn\n" });
  });

  test("that fails is an error with its last lines, and never with all its arguments", async () => {
    const error = await exec([...node("console.error('boom'); process.exit(2)"), "secret"]).catch(
      (one: unknown) => one,
    );
    expect(error).toBeInstanceOf(ExecError);
    expect((error as Error).message).toMatch(/exit code 2\nboom$/);
    expect((error as Error).message).not.toContain("secret");
  });

  test("that is not there is an error too", async () => {
    await expect(run(["/nonexistent/program"])).rejects.toMatchObject({ name: "ExecError", result: { code: 127 } });
  });

  test("waits for nothing once a program with a time limit could not start", async () => {
    const script = `
      import { run } from ${JSON.stringify(projectPath("lib/exec.ts"))};
      await run(["/nonexistent/program"], { timeout: 3_000 }).catch(() => undefined);
      console.log(process.getActiveResourcesInfo().includes("Timeout"));`;
    expect(await exec([process.execPath, "--input-type=module", "-e", script])).toBe("false\n");
  });

  test("that writes without end is ended", async () => {
    const script = "for (;;) process.stdout.write('x'.repeat(65536))";
    const { code, stdout, killed } = await run(node(script), { maxBytes: 100_000 });
    expect(code).not.toBe(0);
    expect(stdout.length).toBeLessThanOrEqual(100_000);
    expect(killed).toBe("output");
  });

  test("that never ends is ended, by a signal it can't ignore where it would", async () => {
    const deaf = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)";
    expect(await run(node(deaf), { timeout: 1_000, killSignal: "SIGKILL" })).toMatchObject({ killed: "time" });
    expect(await run(node("setInterval(() => {}, 1000)"), { timeout: 100 })).toMatchObject({ killed: "time" });
  });

  test("is not run by a shell", async () => {
    const argument = "$(id); `id` && echo *";
    expect(await exec([process.execPath, "-p", "process.argv[1]", argument])).toBe(`${argument}\n`);
  });
});
