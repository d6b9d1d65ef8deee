import { stripVTControlCharacters } from "node:util";
import { type Duration, humanize, milliseconds } from "../../lib/duration.ts";
import { InfraError, messageOf } from "../../lib/errors.ts";
import type { CheckContext } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { type RunningChromium, startChromium } from "./chromium.ts";
import { assertQuiet } from "./console.ts";
import { keepSession } from "./files.ts";
import type { BrowserSession } from "./person.ts";
import { RecordedSession } from "./session.ts";
import type { BrowserUse } from "./use.ts";

/** Milliseconds of a check's deadline that are left for keeping what was seen. */
const FOR_KEEPING_MS = 10_000;

interface Browsing<T> {
  /** Name of the check, for its files. */
  check: string;
  use: BrowserUse;
  /** Of the whole check. Default `120 s`. */
  deadline?: Duration;
  work: (browser: () => Promise<BrowserSession>) => Promise<T>;
}

/**
 * Gives work a browser, which starts when it is first asked for; each session is a person of its own. In the end there
 * must be no error in any console. Of a failure it keeps what was seen; the browser is gone in any case.
 *
 * @throws CheckFailure for errors in consoles, and for work that takes too long
 * @throws InfraError for a browser that does not start, or ends
 */
export async function withBrowser<T>(context: CheckContext, { check, use, deadline, work }: Browsing<T>): Promise<T> {
  const host = hostOf(context);
  const sessions: RecordedSession[] = [];
  let running: Promise<RunningChromium> | undefined;
  let ended = false;
  const begin = async () => {
    running ??= startChromium(host.programs, host.entry, host.keeper?.raw);
    const { browser } = await running;
    const session = await RecordedSession.begin(context, await browser.newContext(), host.redactor);
    sessions.push(session);
    return session;
  };
  const close = async () => {
    ended = true;
    await (await running?.catch(() => undefined))?.close();
  };
  const abort = () => void close();
  context.signal.addEventListener("abort", abort, { once: true });
  try {
    const result = await inTime(deadline, () => work(begin));
    for (const { lines } of sessions) assertQuiet(lines, use.allow);
    return result;
  } catch (error) {
    const gone = !ended && running !== undefined && !(await running.catch(() => undefined))?.browser.isConnected();
    if (gone && !(error instanceof InfraError)) throw new InfraError("Chromium ended", { cause: error });
    if (host.keeper && !gone && !ended)
      for (const session of sessions) await keepSession(session, check, host.keeper, host.redactor);
    throw interrupted(sessions, error) ?? plain(error);
  } finally {
    context.signal.removeEventListener("abort", abort);
    await close();
  }
}

function hostOf({ browserHost, entry }: CheckContext) {
  if (!entry)
    throw new InfraError("the node has no Traefik, by which a browser reaches the app", {
      remedy: "run npx recipe-ci pulumi up",
    });
  if (!browserHost) throw new InfraError("there is no browser: nobody looked for one before the run");
  return { ...browserHost, entry };
}

/** Ends before the check's own deadline does, so that there is something to be looked at. */
async function inTime<T>(deadline: Duration = "120 s", work: () => Promise<T>): Promise<T> {
  const limit = milliseconds(deadline);
  const own = limit - Math.min(FOR_KEEPING_MS, limit / 3);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new CheckFailure(`the browser is not done within ${humanize(own)}`)), own);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A machine whose network changed under the browser, as when another machine's bridge comes up, is no fault of an app. */
export function interrupted(
  sessions: readonly Pick<RecordedSession, "torn">[],
  cause: unknown,
): InfraError | undefined {
  const [torn] = sessions.flatMap((session) => session.torn);
  if (torn === undefined || cause instanceof InfraError) return undefined;
  const { origin, pathname } = new URL(torn.split(" ")[1] ?? "");
  return new InfraError(`Chromium gave up ${origin}${pathname}, since this machine's network changed meanwhile`, {
    remedy: "run again, when nothing brings machines or networks up here",
    cause,
  });
}

/** Playwright's words come in colours. */
function plain(error: unknown): unknown {
  if (error instanceof Error) error.message = stripVTControlCharacters(messageOf(error));
  return error;
}
