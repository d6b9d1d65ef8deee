import { isDeepStrictEqual } from "node:util";
import type { AppSpec } from "../compose/app-spec.ts";
import { webPort } from "../compose/labels/routes.ts";
import { type Duration, humanize } from "../lib/duration.ts";
import { DeadlineError, until } from "../lib/until.ts";
import { type CheckContext, CheckFailure, type CheckFunction } from "./check.ts";
import { namedService } from "./named-service.ts";
import type { ProbeResponse } from "./probe.ts";

/** What a healthy app answers over HTTP. */
export interface HttpExpectation {
  /** Service key. Default: the one whose labels name a Traefik port, else `app`. */
  service?: string;
  /** Port inside the network. Default: the Traefik label's, else 80. */
  port?: number;
  /** Default `/`. */
  path?: string;
  /** Accepted codes. Default `[200]`. */
  accept?: number[];
  /** What the body must contain. */
  body?: string | RegExp;
  /** What the content type must begin with. */
  contentType?: string;
  /** Headers of the answer, by name, and what the value must contain. */
  header?: Record<string, string | RegExp>;
  /** What the body, read as JSON, must hold at least: objects by their keys, lists and all else as they are. */
  json?: unknown;
  /** Why an answer is not the right one; true for one that is. Asked after all else. */
  until?: (response: ProbeResponse) => true | string;
  /** Longest wait for the expected answer. Default `30 s`. */
  within?: Duration;
}

/** Asks the app over HTTP, from inside its own network and with its domain as Host, until it answers as expected. */
export function httpAnswers(expectation: HttpExpectation = {}): CheckFunction {
  return async (context) => {
    const url = appUrl(context.app, expectation);
    const headers = context.app.domain ? { Host: context.app.domain } : undefined;
    let last: ProbeResponse | undefined;
    try {
      const response = await until(
        async () => {
          last = await context.probe.http({ url, headers }, context.signal);
          const wrong = mismatch(last, expectation);
          return wrong ? { done: false, reason: wrong } : { done: true, value: last };
        },
        {
          what: `GET ${url}`,
          deadline: expectation.within ?? "30 s",
          owner: "recipe",
          signal: context.signal,
          clock: context.clock,
        },
      );
      return {
        summary: `${response.status} from ${url} in ${humanize(response.durationMs)}`,
        details: { url, status: response.status, contentType: response.contentType, bytes: response.body.length },
      };
    } catch (error) {
      if (!(error instanceof DeadlineError)) throw error;
      throw new CheckFailure(error.message, {
        // It may be our own probe that was waited for.
        owner: error.owner,
        details: { url, status: last?.status, contentType: last?.contentType, body: last?.body.slice(0, 2000) },
      });
    }
  };
}

/** The URL of a service as seen from inside the app's networks. Service names are unique there, aliases are not. */
export function appUrl(app: AppSpec, target: Pick<HttpExpectation, "service" | "port" | "path">): string {
  const web = webPort(app);
  const key = target.service ?? web?.service.key ?? "app";
  const port = target.port ?? (target.service && target.service !== web?.service.key ? 80 : (web?.port ?? 80));
  return `http://${namedService(app, key).name}:${port}${target.path ?? "/"}`;
}

function mismatch(response: ProbeResponse, expected: HttpExpectation): string | undefined {
  if (response.error) return response.error;
  const accepted = expected.accept ?? [200];
  if (!accepted.includes(response.status)) return `status ${response.status}, accepted: ${accepted.join(", ")}`;
  if (expected.contentType && !response.contentType.startsWith(expected.contentType)) {
    return `content type "${response.contentType}", expected "${expected.contentType}"`;
  }
  if (!contains(response.body, expected.body)) return `the body does not contain ${expected.body}`;
  for (const [name, value] of Object.entries(expected.header ?? {})) {
    const found = response.headers[name.toLowerCase()]?.join(", ");
    if (found === undefined || !contains(found, value))
      return `header ${name} is ${found ?? "missing"}, expected ${value}`;
  }
  if (expected.json !== undefined && !holds(parsed(response.body), expected.json))
    return `the body does not hold ${JSON.stringify(expected.json)}: ${response.body.slice(0, 200)}`;
  const judged = expected.until?.(response) ?? true;
  return judged === true ? undefined : judged;
}

function contains(text: string, wanted: string | RegExp | undefined): boolean {
  if (wanted === undefined) return true;
  // Not `test`: it would go on from where the last look at a pattern with flag `g` ended.
  return typeof wanted === "string" ? text.includes(wanted) : text.search(wanted) >= 0;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function holds(value: unknown, wanted: unknown): boolean {
  if (typeof wanted !== "object" || wanted === null || Array.isArray(wanted)) return isDeepStrictEqual(value, wanted);
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(wanted).every(([key, part]) => holds((value as Record<string, unknown>)[key], part));
}

/** Asks once, for custom checks. */
export async function fetchFromApp(context: CheckContext, target: { service?: string; port?: number; path: string }) {
  const headers = context.app.domain ? { Host: context.app.domain } : undefined;
  return context.probe.http({ url: appUrl(context.app, target), headers }, context.signal);
}
