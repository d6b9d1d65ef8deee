import { isDeepStrictEqual } from "node:util";
import { contains } from "../../lib/contains.ts";
import type { Duration } from "../../lib/duration.ts";
import type { ProbeResponse } from "../probe.ts";
import type { AppTarget } from "./app-address.ts";
import { errorOnPage } from "./error-page.ts";

/** What a healthy app answers over HTTP. */
export interface HttpExpectation extends AppTarget {
  /**
   * Accepted codes, of the first answer. Default: 200, to which redirects within the app may lead; where nothing is
   * expected of the page itself also any other success, a 401 that asks for a login, a 405 that names other methods, or
   * a 426 or 400 that asks for another protocol. A page of 200 that says of itself that it is an error is none then.
   */
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
  /** Expected answers in a row: of several processes behind one address, one may be ready before the others. Default 1. */
  times?: number;
  /** Longest wait for the expected answer. Default `30 s`. */
  within?: Duration;
}

/** Why an answer is not the expected one; undefined for one that is. */
export function mismatch(response: ProbeResponse, expected: HttpExpectation): string | undefined {
  if (response.error) return response.error;
  if (!isAccepted(response, expected))
    return `status ${response.status}, accepted: ${(expected.accept ?? [200]).join(", ")}`;
  const said = isUnsaid(expected) && response.status === 200 ? errorOnPage(response) : undefined;
  if (said) return `status 200, and ${said}`;
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

/** Whether a definition leaves open what the right answer is. */
export function isUnsaid({ accept, body, contentType, header, json, until }: HttpExpectation): boolean {
  return [accept, body, contentType, header, json, until].every((part) => part === undefined);
}

function isAccepted({ status, headers }: ProbeResponse, expected: HttpExpectation): boolean {
  if (expected.accept) return expected.accept.includes(status);
  if (!isUnsaid(expected) || status === 200) return status === 200;
  const { allow, "www-authenticate": login } = headers;
  const others = allow !== undefined && !allow.join(", ").split(/,\s*/).includes("GET");
  return (
    (status > 200 && status < 300) ||
    (status === 401 && login !== undefined) ||
    (status === 405 && others) ||
    // Which one it says in a header that Traefik does not pass on.
    status === 426 ||
    // A server for web sockets alone says so to whoever opens none (gorilla/websocket server.go).
    (status === 400 && headers["sec-websocket-version"] !== undefined)
  );
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
