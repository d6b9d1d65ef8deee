import type { ProbeResponse } from "../probe.ts";

/** Most characters of what a page says that are told. */
const TOLD = 160;

/** What is said in place of a page by an app whose database can't be reached. Only as all that a heading or a line says. */
const NO_DATABASE =
  /^(?:error establishing a database connection|database (?:connection )?error|(?:can't|cannot|could not|unable to|failed to) connect to (?:the |your )?(?:local )?(?:database|mysql|mariadb|postgres\w*|mongodb|redis)\b.{0,120})[.!]?$/i;
/** What servers and frameworks put in place of a page that they could not make. Only as all that a heading or a line says. */
const NO_PAGE =
  /^(?:(?:error|http)[ :]*)?(?:50[0234]\s*[-:|–]?\s*)?(?:internal server error|bad gateway|service (?:temporarily )?unavailable|gateway time-?out)[.!]?$|^application error: a (?:server|client)-side exception has occurred/i;
const UNREACHED = /\b(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN)\b/;
const SQL_STATE = /SQLSTATE\[\w{5}\].{0,120}/;
/** PHP's own words, with `display_errors` on: it has sent 200 by then (php-src main/main.c, php_error_cb). */
const PHP_ERROR =
  /(?:Fatal|Parse|Recoverable fatal) error(?:<\/b>)?:\s+(.{1,400}?) in (?:<b>)?\/\S+?(?:<\/b>)?(?: on line |:\d)/s;
const PHP_SOURCE = /^\s*<\?php\s/;
/** A list of a folder, as nginx, Apache and others make it. */
const LISTING = /<title>\s*(?:Index of|Directory listing for)\s/i;
/** Programs that were to be run there. */
const PROGRAM = /href="(?:\.?\/)?((?:index|wp-config|config|settings|artisan|app|main|wsgi)\.(?:php|py|rb|pl|cgi))"/i;

/**
 * What an answer says of itself by its text, where its status says that all is well: an app that lost its database, a
 * program that ended, or one that nothing runs. Undefined for any other page: what it is about nobody can tell.
 */
export function errorOnPage({ body, contentType }: Pick<ProbeResponse, "body" | "contentType">): string | undefined {
  if (PHP_SOURCE.test(body)) return "what comes is the source of a PHP program, which nothing runs";
  const ended = PHP_ERROR.exec(body)?.[1];
  if (ended) return `a PHP program has ended: ${told(ended)}`;
  const listed = LISTING.test(body) ? PROGRAM.exec(body)?.[1] : undefined;
  if (listed) return `what comes is a list of the folder in which ${listed} lies, which nothing runs`;
  const isError = (one: string) => NO_DATABASE.test(one) || NO_PAGE.test(one) || SQL_STATE.test(one);
  const lost = headings(body, contentType).find(isError);
  if (lost) return `the page says: ${told(lost)}`;
  const answered = errorsIn(body, contentType).find((one) => isError(one) || UNREACHED.test(one));
  return answered && `the answer says: ${told(answered)}`;
}

/** What an answer for programs gives as the reason of an error. */
function errorsIn(body: string, contentType: string): string[] {
  if (!/\bjson\b/.test(contentType)) return [];
  try {
    const answer: unknown = JSON.parse(body);
    const { error, message, detail } = (answer ?? {}) as Record<string, unknown>;
    return [error, message, detail].filter((one) => typeof one === "string");
  } catch {
    return [];
  }
}

/** Titles and first headings of a page; of a plain text its first line. */
function headings(body: string, contentType: string): string[] {
  if (!/html/.test(contentType)) return [body.trimStart().split("\n")[0]?.trim() ?? ""];
  const marked = [...body.matchAll(/<(title|h1|h2)\b[^>]*>(.{0,400}?)<\/\1>/gis)].map(([, , inner = ""]) =>
    plain(inner),
  );
  // A page without any is a line that a program printed.
  return marked.length > 0 ? marked : [plain(body.slice(0, 1000))];
}

function plain(html: string): string {
  return html
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/&(?:#0?39|apos|rsquo);/g, "'")
    .replaceAll(/\s+/g, " ")
    .trim();
}

function told(text: string): string {
  const line = plain(text);
  return line.length > TOLD ? `${line.slice(0, TOLD)}…` : line;
}
