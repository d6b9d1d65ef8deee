import { contains } from "../lib/contains.ts";
import type { Duration } from "../lib/duration.ts";
import { type Attempt, until } from "../lib/until.ts";
import { containerLogs } from "../swarm/logs.ts";
import type { CheckContext, CheckFunction, Evidence } from "./check.ts";
import { CheckFailure } from "./check-failure.ts";
import { runningContainer } from "./container.ts";
import { execInService } from "./exec.ts";
import type { HttpExpectation } from "./http/expected-answer.ts";
import { type HttpStart, httpAnswers } from "./http/http.ts";
import { namedService } from "./named-service.ts";
import { type TcpExpectation, tcpAccepts } from "./tcp.ts";
import { type TlsExpectation, tlsAccepts } from "./tls.ts";
import { type UdpExpectation, udpAnswers } from "./udp.ts";

/** A program that ends well in the container of a service. */
export interface ExecExpectation {
  /** Service key. Default `app`. */
  service?: string;
  argv: [string, ...string[]];
  /** What its output must contain. Default: its exit code is enough. */
  says?: string | RegExp;
  /** Default `30 s`. */
  within?: Duration;
}

/** What a service's container has said since it started. */
export interface LogExpectation {
  /** Service key. Default `app`. */
  service?: string;
  says: string | RegExp;
  /** Default `30 s`. */
  within?: Duration;
}

/** Lines from the end of a log that are read. */
const MOST_LINES = 10_000;

/** One thing that a healthy app does: exactly one of these keys. */
export type HealthCondition =
  | { http: HttpExpectation }
  | { tcp: TcpExpectation }
  | { tls: TlsExpectation }
  | { udp: UdpExpectation }
  | { exec: ExecExpectation }
  | { log: LogExpectation };

/** The conditions of a definition, in their order. */
export function conditionsOf(health: HealthCondition | readonly HealthCondition[] | undefined): HealthCondition[] {
  return health === undefined ? [] : [health].flat();
}

/** The service that a condition names; undefined for what HTTP leaves to the labels. */
export function conditionService(condition: HealthCondition): string | undefined {
  if ("http" in condition) return condition.http.service;
  const [named] = Object.values(condition) as { service?: string }[];
  return named?.service ?? "app";
}

/** What a condition asks, for a person. */
export function conditionTitle(condition: HealthCondition): string {
  if ("http" in condition) return `GET ${condition.http.path ?? "/"} answers as it should`;
  if ("tcp" in condition) return "The app accepts TCP connections";
  if ("tls" in condition) return "The app speaks TLS";
  if ("udp" in condition) return "The app answers UDP";
  if ("exec" in condition) return `${condition.exec.argv[0]} ends well in ${condition.exec.service ?? "app"}`;
  return `${condition.log.service ?? "app"} says that it is ready`;
}

/**
 * All conditions hold, asked one after the other.
 * @param start as {@link httpAnswers} takes it
 */
export function healthy(conditions: readonly HealthCondition[], start?: HttpStart): CheckFunction {
  return async (context) => {
    const seen: Evidence[] = [];
    for (const condition of conditions) seen.push(await lookAt(condition, start)(context));
    const [only] = seen;
    if (only && seen.length === 1) return only;
    return { summary: seen.map(({ summary }) => summary).join("; "), details: { conditions: seen } };
  };
}

function lookAt(condition: HealthCondition, start?: HttpStart): CheckFunction {
  if ("http" in condition) return httpAnswers(condition.http, start);
  if ("tcp" in condition) return tcpAccepts(condition.tcp);
  if ("tls" in condition) return tlsAccepts(condition.tls);
  if ("udp" in condition) return udpAnswers(condition.udp);
  return "exec" in condition ? endsWell(condition.exec) : hasSaid(condition.log);
}

function endsWell({ service = "app", argv, says, within }: ExecExpectation): CheckFunction {
  return (context) =>
    looked(context, `${argv[0]} in ${service}`, within, async () => {
      const { code, stdout, stderr } = await execInService(context, service, argv, { accept: "any" });
      const output = stdout + stderr;
      if (code !== 0) return { done: false, reason: `exit code ${code}: ${output.trim().slice(-300)}` };
      if (!contains(output, says)) return { done: false, reason: `it does not say ${says}` };
      return { done: true, value: { summary: `${argv[0]} ended well in ${service}` } };
    });
}

function hasSaid({ service = "app", says, within }: LogExpectation): CheckFunction {
  return (context) =>
    looked(context, `log of ${service}`, within, async () => {
      const { name } = namedService(context.app, service);
      const { engine, id } = await runningContainer(context.swarm, name, "recipe", context.signal);
      const text = await containerLogs(engine, id, { lines: MOST_LINES });
      if (!contains(text, says)) return { done: false, reason: `it does not say ${says}` };
      return { done: true, value: { summary: `${service} has said ${says}` } };
    });
}

function looked(
  { signal, clock }: CheckContext,
  what: string,
  deadline: Duration = "30 s",
  look: () => Promise<Attempt<Evidence>>,
): Promise<Evidence> {
  const again = async (): Promise<Attempt<Evidence>> => {
    try {
      return await look();
    } catch (error) {
      if (error instanceof CheckFailure && error.owner === "recipe") return { done: false, reason: error.message };
      throw error;
    }
  };
  return until(again, { what, deadline, owner: "recipe", signal, clock });
}
