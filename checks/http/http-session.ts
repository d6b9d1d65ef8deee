import { CookieJar } from "tough-cookie";
import type { CheckContext } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import type { ProbeResponse } from "../probe.ts";
import type { AppTarget } from "./app-address.ts";
import { cookieHeader, keepCookies } from "./cookies.ts";
import { MOST_REDIRECTS, redirectOf, type Way, wayTo } from "./way.ts";

/** Where a session's requests go. */
export interface HttpTarget extends Omit<AppTarget, "path"> {
  /** Sent with every request, such as `Authorization`. Default: none. */
  headers?: Record<string, string>;
}

/** One request of a session. */
export interface HttpRequest {
  headers?: Record<string, string>;
  /** Fields of a form, sent as a browser sends them. */
  form?: Record<string, string>;
  /** A value, sent as JSON. */
  json?: unknown;
  /** A body as it is; its content type goes into `headers`. */
  body?: string;
  /** Accepted status codes of the answer, after redirects; `any` where the caller judges it. Default: 200 to 299. */
  accept?: number[] | "any";
  /** Whether redirects are followed, at most 10 of them. Default: true. */
  follow?: boolean;
  /** Seconds for one exchange. Default 30. */
  timeoutSeconds?: number;
}

/** An answer, at most 256 KiB of it. */
export interface HttpAnswer {
  status: number;
  /** Of the page that answered, with the app's domain. */
  url: string;
  contentType: string;
  body: string;
  /** The value of a header, or undefined. */
  header(name: string): string | undefined;
  /** The body as JSON. @throws CheckFailure when it is none */
  json<T = unknown>(): T;
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
/**
 * What one person's browser does: it keeps cookies, sends forms and follows redirects within the app, by the way that
 * users' requests take where there is one. Paths begin with `/`.
 */
export class HttpSession {
  private readonly way: Way;
  private readonly always: Record<string, string>;
  private readonly cookies = new CookieJar();

  constructor(context: CheckContext, target: HttpTarget = {}) {
    this.way = wayTo(context, target);
    this.always = target.headers ?? {};
  }

  get(path: string, request: HttpRequest = {}): Promise<HttpAnswer> {
    return this.send("GET", path, request);
  }

  post(path: string, request: HttpRequest = {}): Promise<HttpAnswer> {
    return this.send("POST", path, request);
  }

  /** @throws CheckFailure when nothing answers, the status is not accepted, or a redirect leads out of the app */
  async send(method: Method, path: string, request: HttpRequest = {}): Promise<HttpAnswer> {
    let [how, url, sent] = [method, new URL(path, this.way.url), request];
    for (let redirects = 0; ; redirects++) {
      const response = await this.exchange(how, url, sent);
      const next = request.follow === false ? undefined : redirectOf(url, response);
      if (!next) return accepted(how, answerOf(url, response), request.accept);
      if (redirects === MOST_REDIRECTS) throw new CheckFailure(`${method} ${path} is redirected without an end`);
      url = next;
      // As browsers do: only 307 and 308 keep the method and what was sent.
      if (response.status < 307)
        [how, sent] = ["GET", { ...request, form: undefined, json: undefined, body: undefined }];
    }
  }

  private async exchange(method: Method, url: URL, request: HttpRequest): Promise<ProbeResponse> {
    const { body, type } = bodyOf(request);
    const headers = {
      ...(type && { "Content-Type": type }),
      ...(await cookieHeader(this.cookies, url)),
      ...this.always,
      ...request.headers,
    };
    const { timeoutSeconds = 30 } = request;
    const response = await this.way.ask(url, { method, headers, body, timeoutSeconds });
    if (response.error) throw new CheckFailure(`${method} ${url.pathname}: ${response.error}`);
    await keepCookies(this.cookies, url, response);
    return response;
  }
}

/** A new session with the app, which knows no cookie yet. */
export function httpSession(context: CheckContext, target?: HttpTarget): HttpSession {
  return new HttpSession(context, target);
}

function bodyOf({ form, json, body }: HttpRequest): { body?: string; type?: string } {
  if (form) return { body: new URLSearchParams(form).toString(), type: "application/x-www-form-urlencoded" };
  if (json !== undefined) return { body: JSON.stringify(json), type: "application/json" };
  return { body };
}

function answerOf(url: URL, { status, contentType, body, headers }: ProbeResponse): HttpAnswer {
  return {
    status,
    url: url.href,
    contentType,
    body,
    header: (name) => headers[name.toLowerCase()]?.join(", "),
    json: <T>() => {
      try {
        return JSON.parse(body) as T;
      } catch {
        throw new CheckFailure(`${url.pathname} answers no JSON: ${excerpt(body)}`);
      }
    },
  };
}

function accepted(method: Method, answer: HttpAnswer, accept: HttpRequest["accept"]): HttpAnswer {
  const { status, url, body } = answer;
  const taken = accept === "any" || (accept ? accept.includes(status) : status >= 200 && status < 300);
  if (taken) return answer;
  throw new CheckFailure(`${method} ${new URL(url).pathname}: status ${status}: ${excerpt(body)}`);
}

function excerpt(body: string): string {
  return body.replace(/\s+/g, " ").trim().slice(0, 300) || "nothing";
}
