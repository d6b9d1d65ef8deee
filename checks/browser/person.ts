import type { Locator, Page } from "playwright-core";
import type { Duration } from "../../lib/duration.ts";
import type { AppTarget } from "../http/app-address.ts";

/** How a page is opened. */
export interface OpenOptions extends Omit<AppTarget, "path"> {
  /** Accepted status codes, after redirects. Default: 200 to 299. */
  accept?: number[];
  /** Longest wait for one of those. Default `30 s`. */
  within?: Duration;
}

/** One person at a browser that knows nothing yet: no cookie, no page seen before. */
export interface BrowserSession {
  /** Playwright's page: what is not said here is its business. Its waits end after 15 s, unless told otherwise. */
  readonly page: Page;
  /**
   * Goes to a path of the app, or a whole URL of another one in this run, until it answers with an accepted status:
   * again where it answers otherwise, or the connection breaks.
   *
   * @throws CheckFailure when it does not in time
   */
  open(path: string, options?: OpenOptions): Promise<Page>;
  /** Fills a secret into a field: it is masked in all that is kept of a failure. */
  fillSecret(field: Locator, secret: string): Promise<void>;
}
