import type { AppSpec } from "../../compose/app-spec.ts";
import type { CheckContext } from "../check.ts";
import type { ProbeResponse } from "../probe.ts";
import { type AppTarget, appUrl } from "./app-address.ts";
import { settingWith, variableWith } from "./said-by.ts";

/** What apps answer who asks them by a name that they do not know; 0 for a connection that they end. */
const REFUSALS = [0, 400, 403, 404, 421];
/** Names of variables that say by which names an app is asked. */
const SAYS_NAMES = /HOST|DOMAIN|ORIGIN|URL|TRUSTED|SERVER_NAME/i;

/**
 * Why an app refuses its users: it knows other names than its domain. Asked past Traefik, in one and the same way but
 * for the name, it answers by one that settings begin with. Undefined where all names are the same to it.
 *
 * @param url what users ask for
 */
export async function refusedName(
  { app, probe, signal }: Pick<CheckContext, "app" | "probe" | "signal">,
  target: AppTarget,
  { hostname, pathname, search }: URL,
): Promise<string | undefined> {
  const { origin } = new URL(appUrl(app, target));
  const ask = (host: string) => {
    const forwarded = { "X-Forwarded-Proto": "https", "X-Forwarded-Host": host, "X-Forwarded-Port": "443" };
    return probe.http({ url: `${origin}${pathname}${search}`, headers: { Host: host, ...forwarded } }, signal);
  };
  const refusal = await ask(hostname);
  if (!REFUSALS.includes(refusal.status)) return undefined;
  for (const other of [`${app.recipe}.example.com`, "localhost"]) {
    const answer = await ask(other);
    if (isGiven(answer)) return sentence(app, hostname, refusal, { other, answer });
  }
  return undefined;
}

/** An answer, or a redirect within the app. */
function isGiven({ status, headers }: ProbeResponse): boolean {
  const [to = ""] = headers.location ?? [];
  return (status >= 200 && status < 300) || (status >= 300 && status < 400 && to.startsWith("/"));
}

interface Answered {
  other: string;
  answer: ProbeResponse;
}

function sentence(app: AppSpec, host: string, refusal: ProbeResponse, { other, answer }: Answered): string {
  const how = refusal.status === 0 ? "ends the connection of" : `answers ${refusal.status} to`;
  const sample = other === "localhost" ? "" : ", the domain of .env.sample";
  const says = (text: string) => text.includes(other) && !text.includes(host);
  const setting =
    other === "localhost"
      ? variableWith(app, (value, name) => SAYS_NAMES.test(name) && says(value))
      : settingWith(app, says);
  return `the app ${how} whoever asks it by ${host}, and answers ${answer.status} to whoever does by ${other}${sample}${setting}: it has to be told its domain`;
}
