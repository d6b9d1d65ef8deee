import type { ConfigSpec } from "./app-spec.ts";

/** The bytes of a config as text; undefined when they are none. */
export function configText({ data }: ConfigSpec): string | undefined {
  const bytes = Buffer.from(data, "base64");
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}
