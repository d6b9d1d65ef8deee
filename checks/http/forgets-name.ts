import { plural } from "../../lib/plural.ts";
import type { CheckContext, CheckFunction } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import type { ProbeResponse } from "../probe.ts";
import { MOST_REDIRECTS, redirectOf, wayTo } from "./way.ts";

/** Characters of an answer that are shown around what is found. */
const AROUND = 60;

/**
 * An app that was taken to a new domain leads its users nowhere else: no redirect, header or page that it answers with
 * names the domain that it had. Many apps keep that in their data, where a restore brings it back.
 *
 * @param paths are asked at the new domain, each with what it redirects to there
 */
export function forgetsName(old: string, paths: readonly string[]): CheckFunction {
  return async (context) => {
    const asked = new Set<string>();
    const found = new Set<string>();
    for (const path of paths) {
      for await (const { url, response } of answersFrom(context, path)) {
        asked.add(url.pathname);
        for (const place of placesIn(response, old)) found.add(`GET ${url.pathname}: ${place}`);
      }
    }
    if (found.size === 0)
      return { summary: `${plural(asked.size, "answer")} without ${old}: ${[...asked].join(", ")}` };
    const remedy = `Its users are led to ${old} still: the app has to take its name from a variable at each start, or the README to say how it is told; where it can't have another, keepsName in the recipe's ci.ts says why`;
    throw new CheckFailure([...found, remedy].join("\n"));
  };
}

interface Answered {
  url: URL;
  response: ProbeResponse;
}

/** What a browser is given that goes there; an app that does not answer at all is another check's business. */
async function* answersFrom(context: CheckContext, path: string): AsyncGenerator<Answered> {
  const way = wayTo(context, { path });
  let next: URL | undefined = way.url;
  for (let redirects = 0; next && redirects <= MOST_REDIRECTS; redirects++) {
    const url: URL = next;
    const response = await way.ask(url);
    yield { url, response };
    next = nextOf(url, response);
  }
}

/** Where it leads within the app. */
function nextOf(url: URL, response: ProbeResponse): URL | undefined {
  try {
    return redirectOf(url, response);
  } catch (error) {
    if (error instanceof CheckFailure) return undefined;
    throw error;
  }
}

/** Where an answer names a domain, in words. */
export function placesIn({ headers, body }: Pick<ProbeResponse, "headers" | "body">, domain: string): string[] {
  const lines = Object.entries(headers).flatMap(([name, values]) =>
    values.filter((value) => value.includes(domain)).map((value) => `${name} is "${value.slice(0, 200)}"`),
  );
  const at = body.indexOf(domain);
  if (at < 0) return lines;
  const around = body.slice(Math.max(0, at - AROUND), at + domain.length + AROUND).replace(/\s+/g, " ");
  return [...lines, `the page says "${around.trim()}"`];
}
