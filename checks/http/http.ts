import { CookieJar } from "tough-cookie";
import type { AppSpec } from "../../compose/app-spec.ts";
import { systemClock } from "../../lib/clock.ts";
import { type Duration, humanize, milliseconds } from "../../lib/duration.ts";
import { describe } from "../../lib/errors.ts";
import { DeadlineError, until } from "../../lib/until.ts";
import type { CheckContext, CheckFunction, Evidence } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import type { ProbeResponse } from "../probe.ts";
import type { AppTarget } from "./app-address.ts";
import { cookieHeader, keepCookies } from "./cookies.ts";
import { droppedCookie } from "./dropped-cookie.ts";
import { askEntry, type EntryResponse } from "./entry-request.ts";
import { type HttpExpectation, isUnsaid, mismatch } from "./expected-answer.ts";
import { asItsHealth } from "./health-path.ts";
import { refusedName } from "./refused-name.ts";
import { saidBy } from "./said-by.ts";
import { strayAnswer } from "./stray-answer.ts";
import { whyUnserved } from "./unserved.ts";
import { MOST_REDIRECTS, redirectOf, type Way, wayTo } from "./way.ts";
import { pageTrouble } from "./whole-page.ts";

/** What is known of an app beside what is expected of it. */
export interface HttpStart {
  /** Longest wait while nothing answers at all yet, where that is more. Default: no more. */
  starting?: Duration;
  /** Swarm asks for its health: only one that says itself that it is not ready yet (503) still starts. */
  watched?: boolean;
  /** Path that its own health check asks, where that is not the one that is asked here. */
  healthPath?: string;
}

/** Asks the app over HTTP until it answers as expected, by the way that {@link wayTo} finds. */
export function httpAnswers(expectation: HttpExpectation = {}, start: HttpStart = {}): CheckFunction {
  return async (context) => {
    const way = wayTo(context, expectation);
    const { clock = systemClock } = context;
    const within = expectation.within ?? "30 s";
    const { times = 1 } = expectation;
    const patience = expectation.within ? undefined : start.starting;
    const [began, what] = [clock.now(), `GET ${way.shown}`];
    let last: Reached | undefined;
    let seconds = FIRST_SECONDS;
    let inRow = 0;
    try {
      const right = await until(
        async () => {
          const { reached, right, wrong } = await judged(context, way, { expectation, start, seconds });
          last = reached;
          if (isTooLate(reached.response, seconds)) seconds = Math.min(seconds * 2, MOST_SECONDS);
          inRow = right ? inRow + 1 : 0;
          if (right && inRow >= times) return { done: true, value: right };
          const reason = wrong ?? `${inRow} of ${times} right answers in a row`;
          const spent = clock.now() - began;
          if (spent >= milliseconds(within) && !(patience && isSilent(reached.response, start.watched)))
            throw new DeadlineError(what, milliseconds(within), reason, "recipe");
          return { done: false, reason };
        },
        { what, deadline: longer(within, patience), owner: "recipe", signal: context.signal, clock },
      );
      return evidenceOf(way, right, times);
    } catch (error) {
      if (!(error instanceof DeadlineError)) throw error;
      const unserved = way.open && last ? await whyNot(context, expectation, last) : undefined;
      const { status, contentType, body } = last?.response ?? {};
      throw new CheckFailure(unserved ? `${unserved.reason}\n${error.message}` : error.message, {
        // It may be our own probe that was waited for.
        owner: unserved?.owner ?? error.owner,
        details: { url: way.shown, status, contentType, body: body?.slice(0, 2000) },
      });
    }
  };
}

/** What is known of a request that users' browsers would make, and that did not end well. */
async function whyNot(context: CheckContext, target: AppTarget, { url, response }: Reached) {
  // An app that ends connections by their name looks to Traefik like one that is not there.
  const refused = response.status >= 400 ? await refusedName(context, target, url).catch(() => undefined) : undefined;
  return refused ? ({ reason: refused, owner: "recipe" } as const) : explained(context, url, response);
}

function evidenceOf(way: Way, { url, response, note }: Reached, times: number): Evidence {
  const { status, contentType, body, durationMs } = response;
  const repeated = times > 1 ? `, ${times} times in a row` : "";
  return {
    summary: `${status} from ${shownAs(way, url)} in ${humanize(durationMs)}${repeated}${note ? `; ${note}` : ""}`,
    details: { url: shownAs(way, url), status, contentType, bytes: body.length },
  };
}

interface Asked {
  expectation: HttpExpectation;
  start: HttpStart;
  /** That the request is given. */
  seconds: number;
}

/** Asks once. `right` is the answer that counts, where it is the expected one; else `wrong` says why it is not. */
async function judged(context: CheckContext, way: Way, { expectation, start, seconds }: Asked) {
  const reached = await reach(context, way, expectation, seconds);
  const { response, trouble } = reached;
  const wrong = trouble ?? mismatch(response, expectation) ?? (await unseen(context, way, reached, expectation));
  if (!wrong) {
    const stray = way.open ? await strayAnswer(context, reached.url.hostname) : undefined;
    return stray ? { reached, wrong: stray } : { reached, right: reached };
  }
  const right = trouble === undefined ? await asItsHealth(way, response, start.healthPath) : undefined;
  return right ? { reached, right } : { reached, wrong };
}

/** Why users see nothing of an answer that is the right one; where a definition says what is right, only that counts. */
async function unseen({ app }: CheckContext, way: Way, { url, response }: Reached, expectation: HttpExpectation) {
  if (!way.open || response.status !== 200 || !isUnsaid(expectation)) return undefined;
  const hosts = [...new Set([url.hostname, ...way.hosts])];
  return pageTrouble(response, { url, hosts, app, ask: (part) => way.ask(part) });
}

/** Seconds that the first request is given, and the most that one is: a page may take longer than others, at first or always. */
const FIRST_SECONDS = 5;
const MOST_SECONDS = 20;
/** Milliseconds by which a timer may be early. */
const CLOCKS = 50;

function isTooLate({ error, durationMs }: ProbeResponse, seconds: number): boolean {
  return error !== undefined && durationMs >= seconds * 1000 - CLOCKS;
}

/** Nothing has answered: neither the app, nor Traefik on its behalf. */
function isSilent({ error, status }: ProbeResponse, watched = false): boolean {
  return watched ? status === 503 : error !== undefined || [502, 503, 504].includes(status);
}

function longer(one: Duration, other: Duration = one): Duration {
  return milliseconds(other) > milliseconds(one) ? other : one;
}

function shownAs({ open, shown, url: first }: Way, url: URL): string {
  if (open || url.href === first.href) return open ? url.href : shown;
  return new URL(`${url.pathname}${url.search}`, shown).href;
}

/** Where a request ended. */
interface Reached {
  url: URL;
  response: ProbeResponse | EntryResponse;
  /** Why it went no further. */
  trouble?: string;
  /** Why it is the right answer, where that is not plain. */
  note?: string;
}

/** Goes where redirects lead, unless a definition says which answer is the right one. */
async function reach(
  { app }: CheckContext,
  way: Way,
  expectation: HttpExpectation,
  timeoutSeconds: number,
): Promise<Reached> {
  let url = way.url;
  // Some apps look by a redirect whether a browser keeps cookies.
  const cookies = new CookieJar();
  for (let redirects = 0; ; redirects++) {
    const response = await way.ask(url, { timeoutSeconds, headers: await cookieHeader(cookies, url) });
    await keepCookies(cookies, url, response);
    if (expectation.accept) return { url, response };
    const trouble = way.open && isUnsaid(expectation) ? droppedCookie(response, url.hostname) : undefined;
    if (trouble !== undefined) return { url, response, trouble };
    try {
      const next = redirectOf(url, response, way.hosts);
      if (!next) return { url, response };
      if (redirects === MOST_REDIRECTS) return { url, response, trouble: endless(way, url, next) };
      url = next;
    } catch (error) {
      if (!(error instanceof CheckFailure)) throw error;
      return { url, response, trouble: `${error.message}${settingOf(app, url, response)}` };
    }
  }
}

/** The setting of an app that redirects as it says, for the end of a sentence. */
function settingOf(app: AppSpec, from: URL, { headers }: ProbeResponse): string {
  const [to = ""] = headers.location ?? [];
  return URL.canParse(to, from.href) ? saidBy(app, new URL(to, from)) : "";
}

function endless({ url: { pathname } }: Way, url: URL, next: URL): string {
  if (next.href !== url.href) return `${pathname} is redirected without an end`;
  return `${pathname} is redirected to ${url.href} itself without an end: does the app see that it is asked over TLS (X-Forwarded-Proto)?`;
}

/** Asks once, for custom checks, by the same way as {@link httpAnswers}. Redirects are not followed. */
export async function fetchFromApp(context: CheckContext, target: AppTarget): Promise<ProbeResponse> {
  const way = wayTo(context, target);
  return way.ask(way.url);
}

/** Why a URL of the app does not lead to it, asked once. Undefined where it does. */
export async function unservedAt(context: CheckContext, url: URL) {
  const { entry, signal } = context;
  return entry && explained(context, url, await askEntry(entry, { url: url.href }, signal));
}

/** What Traefik knows of a request that did not end well. */
export async function explained({ app, entry, traefik, swarm }: CheckContext, url: URL, response: EntryResponse) {
  if (!entry) return undefined;
  const known = traefik ? await traefik(swarm).catch(describe) : "nobody can ask it";
  return whyUnserved({ app, entry, host: url.hostname, response, traefik: known });
}
