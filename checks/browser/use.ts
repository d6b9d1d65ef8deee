/** A check that goes through the app as a person does, in a browser: Chromium is there before anything is deployed. */
export interface BrowserUse {
  /** Errors in a page's console that are known and harmless. Default: none is. */
  allow?: ConsoleAllowance[];
}

export interface ConsoleAllowance {
  /** What the error must contain: its text, or the address of what could not be loaded. */
  error: string | RegExp;
  /** Why it is harmless, one sentence for a person. */
  reason: string;
}

/** Something a page said. */
export interface ConsoleLine {
  /** `error`, `warning`, `log`, …; `exception` for one that nobody caught. */
  kind: string;
  text: string;
  /** Where: of a script, or of what could not be loaded. */
  url: string;
}
