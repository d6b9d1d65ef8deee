import { CookieJar } from "tough-cookie";
import { type CheckContext, CheckFailure } from "./check.ts";
import { appUrl } from "./http.ts";
import type { ProbeResponse } from "./probe.ts";

/** Where a session's requests go. */
export interface HttpTarget {
  /** Service key. Default: the one whose labels name a Traefik port, else `app`. */
  service?: string;
  /** Port inside the network. Default: the Traefik label's, else 80. */
  port?: number;
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

type Method = "GET" | "POST" | "PUT" | "DELETE";
const REDIRECTS = [301, 302, 303, 307, 308];
const MOST_REDIRECTS = 10;

/**
 * What one person's browser does: it keeps cookies, sends forms and follows redirects within the app. Requests arrive
 * as Traefik passes them on, by the app's domain and over TLS; paths begin with `/`.
 */
export class HttpSession {
  private readonly context: CheckContext;
  private readonly target: HttpTarget;
  private readonly cookies = new CookieJar();

  constructor(context: CheckContext, target: HttpTarget = {}) {
    this.context = context;
    this.target = target;
  }

  get(path: string, request: HttpRequest = {}): Promise<HttpAnswer> {
    return this.send("GET", path, request);
  }

  post(path: string, request: HttpRequest = {}): Promise<HttpAnswer> {
    return this.send("POST", path, request);
  }

  /** @throws CheckFailure when nothing answers, the status is not accepted, or a redirect leads out of the app */
  async send(method: Method, path: string, request: HttpRequest = {}): Promise<HttpAnswer> {
    let [how, url, sent] = [method, new URL(path, this.base()), request];
    for (let redirects = 0; ; redirects++) {
      const response = await this.exchange(how, url, sent);
      const location = response.headers.location?.[0];
      const moved = request.follow !== false && location !== undefined && REDIRECTS.includes(response.status);
      if (!moved) return accepted(how, answerOf(url, response), request.accept);
      if (redirects === MOST_REDIRECTS) throw new CheckFailure(`${method} ${path} is redirected without an end`);
      url = this.within(new URL(location, url), url);
      // As browsers do: only 307 and 308 keep the method and what was sent.
      if (response.status < 307)
        [how, sent] = ["GET", { ...request, form: undefined, json: undefined, body: undefined }];
    }
  }

  private base(): URL {
    return new URL(`https://${this.context.app.domain ?? "app.invalid"}`);
  }

  private within(url: URL, from: URL): URL {
    if (url.host === from.host) return url;
    throw new CheckFailure(`${from.pathname} redirects to ${url.host}, and the app is at ${from.host}`);
  }

  private async exchange(method: Method, url: URL, request: HttpRequest): Promise<ProbeResponse> {
    const { body, type } = bodyOf(request);
    const cookie = await this.cookies.getCookieString(url.href);
    const headers = {
      Host: url.host,
      "X-Forwarded-Proto": "https",
      "X-Forwarded-Host": url.host,
      "X-Forwarded-Port": "443",
      ...(type && { "Content-Type": type }),
      ...(cookie && { Cookie: cookie }),
      ...this.target.headers,
      ...request.headers,
    };
    const { service, port } = this.target;
    const asked = appUrl(this.context.app, { service, port, path: `${url.pathname}${url.search}` });
    const { timeoutSeconds = 30 } = request;
    const response = await this.context.probe.http(
      { url: asked, method, headers, body, timeoutSeconds },
      this.context.signal,
    );
    if (response.error) throw new CheckFailure(`${method} ${url.pathname}: ${response.error}`);
    // A browser passes over what it does not take, too.
    for (const line of response.headers["set-cookie"] ?? [])
      await this.cookies.setCookie(line, url.href, { ignoreError: true });
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
