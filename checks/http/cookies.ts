import type { CookieJar } from "tough-cookie";
import type { ProbeResponse } from "../probe.ts";

/** The header by which a browser gives back what it was given for an address; none where that is nothing. */
export async function cookieHeader(jar: CookieJar, url: URL): Promise<Record<string, string>> {
  const cookie = await jar.getCookieString(url.href);
  return cookie ? { Cookie: cookie } : {};
}

/** Keeps what an answer gives; what a browser does not take is passed over. */
export async function keepCookies(
  jar: CookieJar,
  url: URL,
  { headers }: Pick<ProbeResponse, "headers">,
): Promise<void> {
  for (const line of headers["set-cookie"] ?? []) await jar.setCookie(line, url.href, { ignoreError: true });
}
