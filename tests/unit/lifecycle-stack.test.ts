import type { EngineEvent } from "@pulumi/pulumi/automation/events.js";
import { describe, expect, test } from "vitest";
import { observe } from "../../lifecycle/stack.ts";

const CHECK = "urn:pulumi:run::recipe-ci::recipe-ci:index:Check$pulumi:index:Stash::install.answers";
const APP = "urn:pulumi:run::recipe-ci::docker:index/service:Service::service:app";
const ROOT = "urn:pulumi:run::recipe-ci::pulumi:pulumi:Stack::recipe-ci-run";

function event(part: object): EngineEvent {
  return { sequence: 1, timestamp: 1, ...part } as EngineEvent;
}

const error = (message: string, urn?: string) =>
  event({ diagnosticEvent: { urn, message, severity: "error", color: "never" } });
const opFailed = (urn: string) => event({ resOpFailedEvent: { metadata: { urn, op: "create" }, status: 1, steps: 1 } });
const summary = (resourceChanges: object) => event({ summaryEvent: { resourceChanges } });

function operation(events: EngineEvent[], end?: unknown) {
  return observe(
    () => undefined,
    async (listener) => {
      for (const one of events) listener(one);
      if (end) throw end;
    },
  );
}

describe("an operation on a stack", () => {
  test("that goes well gives its counts, and every event is passed on", async () => {
    const seen: EngineEvent[] = [];
    const events = [summary({ create: 2, same: 1 })];
    const result = await observe(
      (one) => seen.push(one),
      async (listener) => events.forEach(listener),
    );
    expect(result).toEqual({ changes: { create: 2, same: 1 }, failures: [] });
    expect(seen).toEqual(events);
  });

  test("that fails names each failed resource with all that was said of it, without colours", async () => {
    const events = [
      error("<{%fg 1%}>error: <{%reset%}>", CHECK),
      error("status 500, accepted: 200\n", CHECK),
      opFailed(CHECK),
      error("no suitable node", APP),
      opFailed(APP),
      summary({ create: 1 }),
    ];
    expect(await operation(events, new Error("exit code 255"))).toEqual({
      changes: { create: 1 },
      failures: [
        { urn: CHECK, message: "error: status 500, accepted: 200" },
        { urn: APP, message: "no suitable node" },
      ],
    });
  });

  test("a resource that fails without a word still fails", async () => {
    expect((await operation([opFailed(APP)], new Error("x"))).failures).toEqual([{ urn: APP, message: "failed" }]);
  });

  test.each([
    "resource registration failed",
    "update failed",
    "Running program 'x' failed with an unhandled exception:\nUnhandled exception",
    "service:app failed to register",
  ])("what only repeats that a resource failed is left out: %s", async (echo) => {
    const result = await operation([error("real", APP), opFailed(APP), error(echo, ROOT)], new Error("x"));
    expect(result.error).toBeUndefined();
  });

  test("what a provider refuses beforehand is of the resource, though no step of it failed", async () => {
    const result = await operation([error("error: ", APP), error("ports.0: is no number", APP)], new Error("x"));
    expect(result.failures).toEqual([{ urn: APP, message: "error: ports.0: is no number" }]);
    expect(result.error).toBeUndefined();
  });

  test("what the program itself said is kept", async () => {
    const result = await operation([error("<{%bold%}>TypeError: x is undefined<{%reset%}>", ROOT)], new Error("x"));
    expect(result).toMatchObject({ failures: [], error: "TypeError: x is undefined" });
  });

  test("with nothing else to say ends with the CLI's own words, not too many", async () => {
    const text = ["code: 255", ...Array.from({ length: 100 }, (_, index) => `line ${index}`)].join("\n");
    const { error: shown } = await operation([], new Error(text));
    expect(shown?.split("\n")).toHaveLength(30);
    expect(shown).toMatch(/^code: 255\nline 0\n/);
    expect((await operation([], "just text")).error).toBe("just text");
  });

  test("warnings are no errors", async () => {
    const warning = event({ diagnosticEvent: { urn: APP, message: "old", severity: "warning", color: "never" } });
    expect(await operation([warning])).toEqual({ changes: {}, failures: [] });
  });
});
