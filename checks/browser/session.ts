import type { BrowserContext, Locator, Page } from "playwright-core";
import { InfraError, messageOf } from "../../lib/errors.ts";
import { type Attempt, DeadlineError, until } from "../../lib/until.ts";
import type { Redactor } from "../../masking/redactor.ts";
import type { CheckContext } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { type AppTarget, publicUrl } from "../http/app-address.ts";
import { unservedAt } from "../http/http.ts";
import type { BrowserSession, OpenOptions } from "./person.ts";
import type { ConsoleLine } from "./use.ts";

/** Milliseconds for one action on a page. */
const ACTION_MS = 15_000;
const NEVER_SECRET = /^\s*$/;
/** Chromium gives up what it waits for as soon as a network interface of the machine comes or goes. */
const NETWORK_CHANGED = " net::ERR_NETWORK_CHANGED";

/** What a session saw, beside what it gives to authors. */
export class RecordedSession implements BrowserSession {
  readonly page: Page;
  readonly lines: ConsoleLine[] = [];
  /** Requests and what came of them, a line each. */
  readonly requests: string[] = [];
  /** Those of them that Chromium gave up by itself, and that nobody made again. */
  readonly torn: string[] = [];
  readonly browserContext: BrowserContext;
  private readonly context: CheckContext;
  private readonly redactor: Redactor;

  private constructor(context: CheckContext, browserContext: BrowserContext, page: Page, redactor: Redactor) {
    this.context = context;
    this.browserContext = browserContext;
    this.page = page;
    this.redactor = redactor;
  }

  static async begin(context: CheckContext, browserContext: BrowserContext, redactor: Redactor) {
    browserContext.setDefaultTimeout(ACTION_MS);
    // Texts of it can be masked, pictures can't.
    await browserContext.tracing.start({ snapshots: true, screenshots: false });
    const session = new RecordedSession(context, browserContext, await browserContext.newPage(), redactor);
    session.listen();
    return session;
  }

  async open(path: string, { accept, within = "30 s", ...target }: OpenOptions = {}): Promise<Page> {
    const url = this.address(path, target);
    const look = async (): Promise<Attempt<Page>> => {
      const before = { lines: this.lines.length, torn: this.torn.length };
      const reason = await this.go(url, accept);
      if (reason === undefined) return { done: true, value: this.page };
      // What a page said that was not the right one yet is none of its words.
      this.lines.splice(before.lines);
      this.torn.splice(before.torn);
      return { done: false, reason };
    };
    const { signal, clock } = this.context;
    try {
      const what = `the browser opens ${url}`;
      return await until(look, { what, deadline: within, owner: "recipe", every: "500 ms", signal, clock });
    } catch (error) {
      if (!(error instanceof DeadlineError)) throw error;
      const unserved = await unservedAt(this.context, new URL(url));
      const message = unserved ? `${error.message}\n${unserved.reason}` : error.message;
      throw new CheckFailure(message, { owner: unserved?.owner ?? "recipe" });
    }
  }

  async fillSecret(field: Locator, secret: string): Promise<void> {
    if (NEVER_SECRET.test(secret)) throw new CheckFailure("the secret to be filled in is empty", { owner: "author" });
    this.redactor.add(secret);
    await field.fill(secret);
  }

  private address(path: string, target: Omit<AppTarget, "path">): string {
    if (path.startsWith("https://")) return path;
    const url = publicUrl(this.context.app, { ...target, path });
    if (url) return url;
    throw new CheckFailure(`a browser reaches only what Traefik routes to, and ${path} is not`, { owner: "author" });
  }

  /** @returns why the page that is there now is not the right one */
  private async go(url: string, accept: number[] | undefined): Promise<string | undefined> {
    try {
      const response = await this.page.goto(url, { waitUntil: "load" });
      const status = response?.status() ?? 0;
      const taken = accept ? accept.includes(status) : status >= 200 && status < 300;
      return taken ? undefined : `status ${status}, accepted: ${accept?.join(", ") ?? "200 to 299"}`;
    } catch (error) {
      if (!this.browserContext.browser()?.isConnected()) throw new InfraError("Chromium ended", { cause: error });
      return messageOf(error).split("\n")[0] ?? "";
    }
  }

  private listen(): void {
    const { browserContext, lines, requests, torn } = this;
    browserContext.on("console", (message) => {
      lines.push({ kind: message.type(), text: message.text(), url: message.location().url });
    });
    browserContext.on("weberror", (thrown) => {
      lines.push({ kind: "exception", text: messageOf(thrown.error()), url: thrown.page()?.url() ?? "" });
    });
    browserContext.on("response", (response) => {
      requests.push(`${response.request().method()} ${response.url()} ${response.status()}`);
    });
    browserContext.on("requestfailed", (request) => {
      const line = `${request.method()} ${request.url()} ${request.failure()?.errorText ?? "failed"}`;
      requests.push(line);
      if (line.endsWith(NETWORK_CHANGED)) torn.push(line);
    });
  }
}
