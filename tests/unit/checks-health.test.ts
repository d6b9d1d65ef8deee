import { describe, expect, test } from "vitest";
import { conditionService, conditionsOf, conditionTitle, healthy } from "../../checks/health.ts";
import type { HttpExpectation } from "../../checks/http/expected-answer.ts";
import { httpAnswers } from "../../checks/http/http.ts";
import { Probe, type ProbeResponse } from "../../checks/probe.ts";
import { udpAnswers } from "../../checks/udp.ts";
import { connect } from "../../swarm/client.ts";
import { appSpec, checkContext } from "../fixtures/spec.ts";

/** An app that says one thing over HTTP, and gives every datagram back. */
class App extends Probe {
  private readonly answer: Partial<ProbeResponse>;

  constructor(answer: Partial<ProbeResponse> = {}) {
    super(connect("unix:///nonexistent/docker.sock"), "probe");
    this.answer = answer;
  }

  override async http(): Promise<ProbeResponse> {
    const page = { status: 200, contentType: "application/json", body: "", headers: {}, durationMs: 1 };
    return { ...page, ...this.answer };
  }

  override async tcp(_: string, port: number): Promise<string | undefined> {
    return port === 1 ? "refused" : undefined;
  }

  override async udp(_host: string, port: number, message: Uint8Array): Promise<Buffer> {
    return port === 1 ? Buffer.alloc(0) : Buffer.from(message);
  }
}

const body = JSON.stringify({ status: "UP", checks: [{ name: "db" }], more: 1 });
const headers = { "x-app": ["wiki", "7"] };
const asked = (expected: HttpExpectation) =>
  httpAnswers({ ...expected, within: "1 s" })(checkContext({ probe: new App({ body, headers }) }));

describe("an answer over HTTP", () => {
  test.each<[string, HttpExpectation]>([
    ["part of its JSON", { json: { status: "UP", checks: [{ name: "db" }] } }],
    ["a header", { header: { "X-App": "wiki" } }],
    ["a pattern in a header", { header: { "X-App": /^wiki, \d$/ } }],
    ["a judgement of the author's", { until: ({ status }) => status === 200 || "not yet" }],
  ])("is the right one by %s", async (_, expected) => {
    await expect(asked(expected)).resolves.toMatchObject({ details: { status: 200 } });
  });

  test.each<[string, HttpExpectation, string]>([
    ["another value in its JSON", { json: { status: "DOWN" } }, 'the body does not hold {"status":"DOWN"}'],
    ["one other value among right ones", { json: { status: "UP", more: 2 } }, "the body does not hold"],
    ["a longer list", { json: { checks: [{ name: "db" }, {}] } }, "the body does not hold"],
    ["a header that is missing", { header: { Server: "x" } }, "header Server is missing, expected x"],
    ["another header", { header: { "X-App": "blog" } }, "header X-App is wiki, 7, expected blog"],
    ["what its author says", { until: () => "still migrating" }, "last seen: still migrating"],
  ])("is not the right one for %s", async (_, expected, said) => {
    await expect(asked(expected)).rejects.toThrow(said);
  });
});

test("a datagram is answered, rightly", async () => {
  const context = checkContext({ probe: new App() });
  const send = Buffer.from("ping");
  await expect(udpAnswers({ port: 2, send })(context)).resolves.toMatchObject({ details: { bytes: 4 } });
  await expect(udpAnswers({ port: 1, send, within: "1 s" })(context)).rejects.toThrow("no answer");
  const wrong = udpAnswers({ port: 2, send, answer: () => "too short", within: "1 s" })(context);
  await expect(wrong).rejects.toThrow("too short");
});

describe("several conditions", () => {
  const probe = new App();
  const up = { udp: { port: 2, send: Buffer.from("a") } };

  test("must all hold, and each says what it saw", async () => {
    const seen = await healthy([{ tcp: { port: 2 } }, up])(checkContext({ probe }));
    expect(seen.summary).toBe("3 connections to wiki_ci_test_app:2; 1 bytes from wiki_ci_test_app:2");
    const broken = healthy([up, { tcp: { port: 1, within: "1 s" } }])(checkContext({ probe }));
    await expect(broken).rejects.toThrow("refused");
  });

  test("name their services, and what they ask", () => {
    expect(conditionsOf(undefined)).toEqual([]);
    expect(conditionsOf(up)).toEqual([up]);
    expect(conditionService(up)).toBe("app");
    expect(conditionService({ http: {} })).toBeUndefined();
    expect(conditionService({ log: { service: "db", says: "ready" } })).toBe("db");
    expect(conditionTitle({ exec: { argv: ["pg_isready"], service: "db" } })).toBe("pg_isready ends well in db");
  });
});

test("an app without any service of the name is its author's mistake", async () => {
  const context = checkContext({ app: appSpec({ services: [] }), probe: new App() });
  await expect(healthy([{ tcp: { port: 2 } }])(context)).rejects.toMatchObject({ owner: "author" });
});
