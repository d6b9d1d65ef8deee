import { setTimeout } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { AuthorError } from "../../checks/authored.ts";
import type { Evidence } from "../../checks/check.ts";
import { CheckFailure } from "../../checks/check-failure.ts";
import { type CheckRecord, CheckRecorder, RecordedFailure, failureOf as read } from "../../checks/recorder.ts";
import { InfraError, UserError, UserErrors } from "../../lib/errors.ts";
import type { Owner } from "../../lib/owner.ts";
import { DeadlineError } from "../../lib/until.ts";
import { Redactor } from "../../masking/redactor.ts";

const subject = { name: "install.answers", title: "GET / answers as it should" };
const never = new AbortController().signal;
const fine = async () => ({ summary: "200", details: { status: 200 }, containerMs: 12 });
const throws = (error: unknown) => async (): Promise<Evidence> => {
  throw error;
};

const inFile = (file: string) => new UserError("no such key", { place: { file } });

async function failureOf(
  body: (signal: AbortSignal) => Promise<Evidence>,
  signal = never,
  late?: Owner,
): Promise<CheckRecord> {
  const recorder = new CheckRecorder(new Redactor());
  await expect(recorder.record({ ...subject, deadline: "20 ms", late }, signal, body)).rejects.toThrow(RecordedFailure);
  expect(recorder.records).toHaveLength(1);
  return recorder.records[0] as CheckRecord;
}

describe("a check that holds", () => {
  test("is recorded with what it saw, and told at once", async () => {
    const told = vi.fn<(record: CheckRecord) => void>();
    const recorder = new CheckRecorder(new Redactor(), { onRecord: told });
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

  test.each<[string, unknown, Owner]>([
    ["a failed assertion is the recipe's", new CheckFailure("x"), "recipe"],
    ["one that names another owner is that one's", new CheckFailure("x", { owner: "base" }), "base"],
    ["an engine that does not answer is the machinery's", new InfraError("no answer"), "infra"],
    ["a mistake in the recipe's files is its own", new UserError("no such key"), "recipe"],
    ["several are as well", new UserErrors([new UserError("no such key")]), "recipe"],
    ["a mistake in ci.ts is its author's", inFile("recipes/wiki/ci.ts"), "author"],
    ["so are several", new UserErrors([inFile("recipes/wiki/ci.ts"), inFile("recipes/wiki/ci.ts")]), "author"],
    ["beside one of the recipe it is not", new UserErrors([inFile("recipes/wiki/ci.ts"), inFile("a")]), "recipe"],
    ["a file of the recipe may be called so", inFile("ci.ts"), "recipe"],
    ["a wait that is over is whose it names", new DeadlineError("x", 1, "y", "recipe"), "recipe"],
    ["a check that breaks is its author's", new AuthorError("x"), "author"],
    ["any other error is a defect of recipe-ci", new TypeError("x is undefined"), "defect"],
    ["so is what is no error", "just text", "defect"],
  ])("%s", async (_, error, owner) => {
    expect(await failureOf(throws(error))).toMatchObject({ owner });
  });

  test("a defect says so, and where it was thrown", async () => {
    const record = await failureOf(throws(new TypeError("x is undefined")));
    expect(record).toMatchObject({
      error: "a defect of recipe-ci: TypeError: x is undefined",
      trace: expect.stringContaining("checks-recorder.test.ts"),
    });
  });

  test.each<[string, Owner | undefined, Owner]>([
    ["the recipe's, unless said otherwise", undefined, "recipe"],
    ["the machinery's where it is what is waited for", "infra", "infra"],
  ])("past its deadline it fails, and is told to stop: %s", async (_, late, owner) => {
    let inner: AbortSignal | undefined;
    const hangs = (signal: AbortSignal) => {
      inner = signal;
      return new Promise<Evidence>(() => undefined);
    };
    expect(await failureOf(hangs, never, late)).toMatchObject({ error: "not done within 20 ms", owner });
    expect(inner?.aborted).toBe(true);
  });

  test("a body that ends by its signal alone is late as well", async () => {
    const record = await failureOf(async (signal) => {
      await setTimeout(60_000, undefined, { signal }).catch(() => signal.throwIfAborted());
      return fine();
    });
    expect(record).toMatchObject({ error: "not done within 20 ms", owner: "recipe" });
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
    expect(record).toMatchObject({ error: expect.stringContaining("at once") });
    await vi.waitFor(async () => {
      const deadline = AbortSignal.timeout(40);
      await new Promise((resolve) => deadline.addEventListener("abort", resolve));
    });
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe("a cancelled run", () => {
  test("ends the check that goes on, and does not charge the recipe", async () => {
    const controller = new AbortController();
    const record = await failureOf((signal) => {
      controller.abort(new Error("cancelled by SIGINT"));
      signal.throwIfAborted();
      return new Promise(() => undefined);
    }, controller.signal);
    expect(record).toMatchObject({ owner: "infra" });
  });

  test("starts no further check", async () => {
    const body = vi.fn(fine);
    const record = await failureOf(body, AbortSignal.abort());
    expect(record).toMatchObject({ error: "cancelled", owner: "infra" });
    expect(body).not.toHaveBeenCalled();
  });
});

test("no secret is recorded, told or thrown", async () => {
  const redactor = new Redactor();
  redactor.add("hunter2-hunter2");
  const told = vi.fn<(record: CheckRecord) => void>();
  const recorder = new CheckRecorder(redactor, { onRecord: told });
  const details = { header: "Bearer hunter2-hunter2", list: ["hunter2-hunter2"] };
  const failure = new CheckFailure("login with hunter2-hunter2 failed", { details });
  const thrown = await recorder.record(subject, never, throws(failure)).catch((error: Error) => error);
  await recorder.record(subject, never, async () => ({ summary: "hunter2-hunter2", details }));
  const shown = JSON.stringify([recorder.records, told.mock.calls]) + String(thrown) + (thrown as Error).stack;
  expect(shown).not.toContain("hunter2");
  expect(recorder.records.map((one) => (one.status === "failed" ? one.error : one.summary))).toEqual([
    "login with [secret] failed",
    "[secret]",
  ]);
});

describe("a node that is out of order", () => {
  const trouble = async (said: string) => (said.includes("disk") ? "the disk is full" : undefined);

  test.each<[string, unknown, Owner]>([
    ["charges nobody with what it does to them", new CheckFailure("no disk"), "infra"],
    ["not even recipe-ci", new TypeError("disk"), "infra"],
    ["but leaves alone what it has no part in", new CheckFailure("status 500"), "recipe"],
  ])("%s", async (_, error, owner) => {
    const recorder = new CheckRecorder(new Redactor(), { trouble });
    await expect(recorder.record(subject, never, throws(error))).rejects.toThrow();
    expect(recorder.records).toMatchObject([{ owner }]);
  });

  test("is named first also where the machinery is charged already, and once", async () => {
    const errors = [new InfraError("no disk"), new InfraError("the disk is full: nothing can be written")];
    const recorder = new CheckRecorder(new Redactor(), { trouble });
    for (const error of errors) await expect(recorder.record(subject, never, throws(error))).rejects.toThrow();
    expect(recorder.records).toMatchObject([
      { error: "the disk is full\nwhat was seen of it: no disk" },
      { error: "the disk is full: nothing can be written" },
    ]);
  });

  test("is named first, with what was seen of it", async () => {
    const recorder = new CheckRecorder(new Redactor(), { trouble });
    await expect(recorder.record(subject, never, throws(new CheckFailure("no disk")))).rejects.toThrow(
      "the disk is full\nwhat was seen of it: no disk",
    );
  });
});

describe("a failure that no check of its own found", () => {
  test("is recorded and told as any other, with where it was thrown", async () => {
    const told = vi.fn<(record: CheckRecord) => void>();
    const recorder = new CheckRecorder(new Redactor(), { onRecord: told });
    const startedAt = Date.now() - 5_000;
    await recorder.fail(subject, read(new TypeError("x is undefined")), never, startedAt);
    expect(recorder.records).toMatchObject([
      { ...subject, owner: "defect", startedAt, trace: expect.stringContaining("checks-recorder.test.ts") },
    ]);
    expect(recorder.records[0]?.durationMs).toBeGreaterThanOrEqual(5_000);
    expect(told.mock.calls).toEqual([[recorder.records[0]]]);
  });

  test("is the node's where that is out of order, but not once the run is cancelled", async () => {
    const recorder = new CheckRecorder(new Redactor(), { trouble: async () => "the disk is full" });
    const failure = read(new CheckFailure("status 500"));
    await recorder.fail(subject, failure, never);
    await recorder.fail(subject, failure, AbortSignal.abort());
    expect(recorder.records).toMatchObject([{ owner: "infra" }, { owner: "recipe", error: "status 500" }]);
  });

  test("says of a cancelled run no more than that", () => {
    expect(read(new TypeError("x"), AbortSignal.abort())).toMatchObject({ error: "cancelled", owner: "infra" });
    expect(read(new TypeError("x"), never)).toMatchObject({ owner: "defect" });
  });
});

describe("a node that can't be asked", () => {
  test.each<[string, unknown, Owner, string]>([
    ["is out of order where it does not answer", new InfraError("no answer"), "infra", "no answer\nwhat was seen"],
    ["and hides no failure by a mistake in the question", new TypeError("x"), "recipe", "status 500"],
  ])("%s", async (_, error, owner, said) => {
    const recorder = new CheckRecorder(new Redactor(), { trouble: () => Promise.reject(error) });
    const failed = recorder.record(subject, never, throws(new CheckFailure("status 500")));
    await expect(failed).rejects.toThrow(RecordedFailure);
    expect(recorder.records).toMatchObject([{ owner, error: expect.stringMatching(said) }]);
  });
});
