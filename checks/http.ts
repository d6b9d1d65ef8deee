import { type Duration, humanize } from "../lib/duration.ts";
import { describe } from "../lib/errors.ts";
import { DeadlineError, until } from "../lib/until.ts";
import { type AppTarget, appUrl, publicUrl } from "./app-address.ts";
import { type CheckContext, CheckFailure, type CheckFunction } from "./check.ts";
import { askEntry, type EntryResponse } from "./entry-request.ts";
import type { ProbeResponse } from "./probe.ts";
import { whyUnserved } from "./unserved.ts";

/** What a healthy app answers over HTTP. */
export interface HttpExpectation extends AppTarget {
  /** Accepted codes. Default `[200]`. */
  accept?: number[];
  /** What the body must contain. */
  body?: string | RegExp;
  /** What the content type must begin with. */
  contentType?: string;
  /** Longest wait for the expected answer. Default `30 s`. */
  within?: Duration;
}

/**
 * Asks the app over HTTP until it answers as expected: by the way that its users' requests take where Traefik routes to
 * what is meant, else from inside its own network and with its domain as Host.
 */
export function httpAnswers(expectation: HttpExpectation = {}): CheckFunction {
  return async (context) => {
    const { url, ask } = way(context, expectation);
    let last: ProbeResponse | EntryResponse | undefined;
    try {
      const response = await until(
        async () => {
          last = await ask();
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
      const unserved = last && "headers" in last ? await explained(context, url, last) : undefined;
      throw new CheckFailure(unserved ? `${error.message}\n${unserved.reason}` : error.message, {
        // It may be our own probe that was waited for.
        owner: unserved?.owner ?? error.owner,
        details: { url, status: last?.status, contentType: last?.contentType, body: last?.body.slice(0, 2000) },
      });
    }
  };
}

function mismatch(response: ProbeResponse, expected: HttpExpectation): string | undefined {
  if (response.error) return response.error;
  const accepted = expected.accept ?? [200];
  if (!accepted.includes(response.status)) return `status ${response.status}, accepted: ${accepted.join(", ")}`;
  if (expected.contentType && !response.contentType.startsWith(expected.contentType)) {
    return `content type "${response.contentType}", expected "${expected.contentType}"`;
  }
  const body = expected.body;
  // Not `test`: it would go on from where the last look at a pattern with flag `g` ended.
  const found =
    body === undefined || (typeof body === "string" ? response.body.includes(body) : response.body.search(body) >= 0);
  return found ? undefined : `the body does not contain ${body}`;
}

/** Asks once, for custom checks, by the same way as {@link httpAnswers}. */
export async function fetchFromApp(context: CheckContext, target: AppTarget): Promise<ProbeResponse> {
  return way(context, target).ask();
}

/** What Traefik knows of a request that did not end well. */
async function explained({ app, entry, traefik, swarm }: CheckContext, url: string, response: EntryResponse) {
  if (!entry) return undefined;
  const known = traefik ? await traefik(swarm).catch(describe) : "nobody can ask it";
  return whyUnserved({ app, entry, host: new URL(url).hostname, response, traefik: known });
}

function way({ app, entry, probe, signal }: CheckContext, target: AppTarget) {
  const open = entry && publicUrl(app, target);
  if (entry && open) return { url: open, ask: () => askEntry(entry, { url: open }, signal) };
  const url = appUrl(app, target);
  const headers = app.domain ? { Host: app.domain } : undefined;
  return { url, ask: () => probe.http({ url, headers }, signal) };
}
