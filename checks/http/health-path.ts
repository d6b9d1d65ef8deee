import type { AppSpec } from "../../compose/app-spec.ts";
import { webPort } from "../../compose/labels/http-routes.ts";
import type { ProbeResponse } from "../probe.ts";
import type { Way } from "./way.ts";

/** What a health check asks of its own container over HTTP; curl and wget take a URL without its scheme as well. */
const OWN_URL = /https?:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\])(?::(\d+))?(\/[^\s"'`|;&)<>]*)?/;
const BARE_URL =
  /\b(?:curl|wget)\b.*?[\s"'](?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\])(?::(\d+))?(\/[^\s"'`|;&)<>]*)/;
/** What an interface for programs says of a page that it does not have, or has for others. */
const NO_PAGE = [401, 403, 404, 405, 426];

/**
 * The path that the health check of an app's web service asks at the port that Traefik sends requests to. Undefined
 * where it asks otherwise, or for `/`.
 */
export function healthPathOf(app: AppSpec): string | undefined {
  const web = webPort(app);
  const test = web?.service.healthcheck?.test?.join(" ") ?? "";
  const found = OWN_URL.exec(test) ?? BARE_URL.exec(test);
  const path = found?.[2];
  if (!web || path === undefined || path === "/" || path.includes("$")) return undefined;
  return Number(found?.[1] ?? 80) === web.port ? path : undefined;
}

/** An answer that shows an app to be up, though it is not that to what was asked. */
export interface HealthAnswer {
  url: URL;
  response: ProbeResponse;
  /** Why it is taken. */
  note: string;
}

/**
 * An app without a page at the path that was asked is up where users reach what its own health check asks: an interface
 * for programs has nothing at `/`, and some apps begin below it. A site that has lost its pages is not: there a page for
 * people says so, and what its health check asks is none.
 */
export async function asItsHealth(
  way: Way,
  { error, status, contentType }: ProbeResponse,
  path: string | undefined,
): Promise<HealthAnswer | undefined> {
  if (path === undefined || error !== undefined || !NO_PAGE.includes(status)) return undefined;
  const url = new URL(path, way.url);
  const response = await way.ask(url);
  const isUp = response.error === undefined && response.status >= 200 && response.status < 300;
  if (!isUp || (isPage(contentType) && !isPage(response.contentType))) return undefined;
  return { url, response, note: `its health check asks that, and ${way.url.pathname} is answered ${status}` };
}

function isPage(contentType: string): boolean {
  return contentType.startsWith("text/html");
}
