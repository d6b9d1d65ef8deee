import { appendFileSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { home } from "./home.ts";

/** Most logs that are kept; the oldest go first. */
const KEPT = 20;

/** All that an operation says, for the case that it fails: the error names the file. */
export class OperationLog {
  readonly file: string;

  /** @param name what is done, as part of a file's name, e.g. `node-up` */
  constructor(name: string, now = new Date()) {
    const folder = home("logs");
    this.file = join(folder, `${now.toISOString().replace(/[:.]/g, "-")}-${name}-${process.pid}.log`);
    quietly(() => {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const names = readdirSync(folder).filter((entry) => entry.endsWith(".log"));
      for (const old of names.sort().slice(0, Math.max(0, names.length - KEPT + 1))) rmSync(join(folder, old));
    });
  }

  /** Adds text as it is. A disk that is full is told about by what needs it, not here. */
  write(text: string): void {
    quietly(() => appendFileSync(this.file, text.endsWith("\n") ? text : `${text}\n`, { mode: 0o600 }));
  }

  /** Forgets the log: all went well. */
  remove(): void {
    rmSync(this.file, { force: true });
  }
}

function quietly(write: () => void): void {
  try {
    write();
  } catch {
    // See write().
  }
}
