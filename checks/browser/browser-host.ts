import type { Redactor } from "../../masking/redactor.ts";
import type { BrowserPrograms } from "./programs.ts";

/** A file that is kept of a check which failed. */
export interface KeptFile {
  title: string;
  /** Its name in the folder. */
  file: string;
  /** The last lines of a text, or what to do with it. */
  tail: string;
}

/** Where files of failures are kept. */
export interface FileKeeper {
  folder: string;
  /** Where a browser has its own files, which must not outlive the run. */
  raw: string;
  kept: KeptFile[];
}

/** What checks in a browser are given. */
export interface BrowserHost {
  programs: BrowserPrograms;
  redactor: Redactor;
  /** Where files of failures are kept. Default: nowhere. */
  keeper?: FileKeeper;
}
