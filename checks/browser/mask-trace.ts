import { isUtf8 } from "node:buffer";
import { unzipSync, type Zippable, zipSync } from "fflate";
import type { Redactor } from "../../masking/redactor.ts";

/** Lines of JSON, in which a secret may stand in JSON's own writing. */
const LINES = /\.(?:trace|network|stacks)$/;

/** A trace of Playwright's without secrets: in what was done, sent, answered and shown. Pictures stay as they are. */
export function maskedTrace(zip: Uint8Array, redactor: Redactor): Uint8Array {
  const files = Object.entries(unzipSync(zip)).map(([name, bytes]) => [name, masked(name, bytes, redactor)] as const);
  return zipSync(Object.fromEntries(files) satisfies Zippable);
}

function masked(name: string, bytes: Uint8Array, redactor: Redactor): Uint8Array {
  if (!isUtf8(bytes)) return bytes;
  const text = Buffer.from(bytes).toString();
  const clean = LINES.test(name)
    ? text
        .split("\n")
        .map((line) => maskedLine(line, redactor))
        .join("\n")
    : redactor.text(text);
  return clean === text ? bytes : Buffer.from(clean);
}

function maskedLine(line: string, redactor: Redactor): string {
  try {
    return JSON.stringify(redactor.deep(JSON.parse(line)));
  } catch {
    return redactor.text(line);
  }
}
