import type { ProbeResponse } from "../probe.ts";

/** A cookie as an answer gives it: its attributes by their names in lower case, the last one of each. */
interface Given {
  name: string;
  attributes: ReadonlyMap<string, string>;
}

const UNSEEN = "does the app see that it is asked over TLS (X-Forwarded-Proto)?";

/** A cookie that browsers do not take from this host, and why; undefined where they take all that an app has them keep. */
export function droppedCookie({ headers }: Pick<ProbeResponse, "headers">, host: string): string | undefined {
  for (const line of headers["set-cookie"] ?? []) {
    const cookie = given(line);
    const why = isTakenBack(cookie) ? undefined : whyDropped(cookie, host);
    if (why) return `cookie ${cookie.name} ${why}`;
  }
  return undefined;
}

function given(line: string): Given {
  const [pair = "", ...rest] = line.split(";");
  const attributes = rest.map((one) => {
    const [name = "", ...value] = one.split("=");
    return [name.trim().toLowerCase(), value.join("=").trim()] as const;
  });
  return { name: pair.split("=")[0]?.trim() ?? "", attributes: new Map(attributes.filter(([name]) => name)) };
}

/** One whose time is over already, by which an app takes back what it gave. */
function isTakenBack({ attributes }: Given): boolean {
  const age = attributes.get("max-age");
  if (age !== undefined) return Number(age) <= 0;
  return Date.parse(attributes.get("expires") ?? "") <= Date.now();
}

/** As RFC 6265bis has it, and what Chromium asks of `SameSite=None`. */
function whyDropped({ name, attributes }: Given, host: string): string | undefined {
  const domain = attributes.get("domain")?.replace(/^\./, "");
  if (domain && host !== domain.toLowerCase() && !host.endsWith(`.${domain.toLowerCase()}`))
    return `is for ${domain}, and browsers take none of that from ${host}`;
  const isSecure = attributes.has("secure");
  const [prefix] = /^__(?:Host|Secure)-/i.exec(name) ?? [];
  if (prefix && !isSecure) return `is not Secure, and browsers take none by ${prefix} that is not: ${UNSEEN}`;
  if (prefix && /host/i.test(prefix) && (domain || attributes.get("path") !== "/"))
    return `has ${domain ? "a Domain" : "no Path=/"}, and browsers take none such by ${prefix}`;
  if (!isSecure && attributes.get("samesite")?.toLowerCase() === "none")
    return `has SameSite=None and is not Secure, and browsers such as Chromium take none of that: ${UNSEEN}`;
  return undefined;
}
