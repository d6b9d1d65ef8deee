import { describe, expect, test, vi } from "vitest";
import { CheckFailure, type Evidence } from "../../checks/check.ts";
import { type CheckRecord, CheckRecorder } from "../../checks/recorder.ts";
import { Redactor } from "../../checks/redactor.ts";
import { InfraError } from "../../lib/errors.ts";

const subject = { name: "install.answers", title: "GET / answers as it should" };
const never = new AbortController().signal;
const fine = async () => ({ summary: "200", details: { status: 200 }, containerMs: 12 });
const throws = (error: unknown) => async (): Promise<Evidence> => {
  throw error;
};

async function failureOf(body: (signal: AbortSignal) => Promise<Evidence>, signal = never): Promise<CheckRecord> {
  const recorder = new CheckRecorder(new Redactor());
  await expect(recorder.record({ ...subject, deadline: "20 ms" }, signal, body)).rejects.toThrow(Error);
  expect(recorder.records).toHaveLength(1);
  return recorder.records[0] as CheckRecord;
}

describe("a check that holds", () => {
  test("is recorded with what it saw, and told at once", async () => {
    const told = vi.fn<(record: CheckRecord) => void>();
    const recorder = new CheckRecorder(new Redactor(), told);
    await recorder.record(subject, never, fine);
    expect(recorder.records).toEqual([
      {
        ...subject,
        status: "passed",
        summary: "200",
        evidence: { status: 200 },
        containerMs: 12,
        startedAt: expect.any(Number),
        durationMs: expect.any(Number),
      },
    ]);
    expect(told.mock.calls).toEqual([[recorder.records[0]]]);
  });
});

describe("a check that does not hold", () => {
  test("is recorded with its reason and details, and its error is thrown on", async () => {
    const recorder = new CheckRecorder(new Redactor());
    const failure = new CheckFailure("status 500", { details: { body: "oops" } });
    await expect(recorder.record(subject, never, throws(failure))).rejects.toThrow("status 500");
    expect(recorder.records).toMatchObject([{ status: "failed", error: "status 500", evidence: { body: "oops" } }]);
  });

  test.each([
    ["a failed assertion blames the recipe", new CheckFailure("x"), "recipe"],
    ["one that says so blames the machinery", new CheckFailure("x", { blame: "infra" }), "infra"],
    ["an engine that does not answer is the machinery's", new InfraError("no answer"), "infra"],
    ["nobody at its socket either", Object.assign(new Error("connect"), { syscall: "connect" }), "infra"],
    ["nor its 500", Object.assign(new Error("server error"), { statusCode: 500 }), "infra"],
    ["any other error blames the recipe", new TypeError("x is undefined"), "recipe"],
    ["even what is no error blames the recipe", "just text", "recipe"],
  ])("%s", async (_, error, blame) => {
    expect((await failureOf(throws(error))).blame).toBe(blame);
  });

  test("past its deadline it fails, and is told to stop", async () => {
    let inner: AbortSignal | undefined;
    const record = await failureOf((signal) => {
      inner = signal;
      return new Promise(() => undefined);
    });
    expect(record).toMatchObject({ error: "not done within 20 ms", blame: "recipe" });
    expect(inner?.aborted).toBe(true);
  });

  test("an error that comes after the deadline disturbs no one", async () => {
    let fail = (_: Error) => {};
    const late = new Promise<Evidence>((_, reject) => {
      fail = reject;
    });
    await failureOf(() => late);
    fail(new Error("too late"));
    await expect(late).rejects.toThrow("too late");
  });

  test("one that throws before it waits is an ordinary failure, also after its deadline", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const record = await failureOf(() => {
      throw new Error("at once");
    });
    expect(record.error).toBe("at once");
    await vi.waitFor(async () => {
      const deadline = AbortSignal.timeout(40);
      await new Promise((resolve) => deadline.addEventListener("abort", resolve));
    });
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe("a cancelled run", () => {
  test("ends the check that goes on, and does not blame the recipe", async () => {
    const controller = new AbortController();
    const record = await failureOf((signal) => {
      controller.abort(new Error("cancelled by SIGINT"));
      signal.throwIfAborted();
      return new Promise(() => undefined);
    }, controller.signal);
    expect(record.blame).toBe("infra");
  });

  test("starts no further check", async () => {
    const body = vi.fn(fine);
    const record = await failureOf(body, AbortSignal.abort());
    expect(record).toMatchObject({ error: "cancelled", blame: "infra" });
    expect(body).not.toHaveBeenCalled();
  });
});

test("no secret is recorded, told or thrown", async () => {
  const redactor = new Redactor();
  redactor.add("hunter2-hunter2");
  const told = vi.fn<(record: CheckRecord) => void>();
  const recorder = new CheckRecorder(redactor, told);
  const details = { header: "Bearer hunter2-hunter2", list: ["hunter2-hunter2"] };
  const failure = new CheckFailure("login with hunter2-hunter2 failed", { details });
  const thrown = await recorder.record(subject, never, throws(failure)).catch((error: Error) => error);
  await recorder.record(subject, never, async () => ({ summary: "hunter2-hunter2", details }));
  const shown = JSON.stringify([recorder.records, told.mock.calls]) + String(thrown) + (thrown as Error).stack;
  expect(shown).not.toContain("hunter2");
  expect(recorder.records.map(({ error, summary }) => error ?? summary)).toEqual([
    "login with [secret] failed",
    "[secret]",
  ]);
});
