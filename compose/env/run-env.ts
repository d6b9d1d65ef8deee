import { literally } from "../../lib/plain-text.ts";
import type { EnvEntry } from "./env-file.ts";
import { stackName } from "./stack-name.ts";

/** A host name of at least two parts: what of a sample can be told to be its domain elsewhere in it. */
const HOST = /^[\w-]+(?:\.[\w-]+)+$/;

/**
 * Variables that are a run's own, whatever a recipe or its definition says: by them two runs, or a run and an
 * operator's app, would meet at one router, or in one namespace, or ask for a certificate of a real name.
 */
export function ownVariables(domain: string): Record<string, string> {
  // What resolves certificates is the platform's to say, and a run's platform has no such resolver.
  return { DOMAIN: domain, LETS_ENCRYPT_ENV: "", STACK_NAME: stackName(domain) };
}

/**
 * The lines of an `.env` under the run's domain: where the sample has one of its own, such as `wiki.example.org`,
 * that is replaced in all of them, as operators who write theirs have to.
 */
export function underDomain(entries: readonly EnvEntry[], domain: string): EnvEntry[] {
  const own = entries.findLast(({ key }) => key === "DOMAIN")?.value ?? "";
  if (own === domain || !HOST.test(own)) return [...entries];
  const host = new RegExp(`(?<![\\w-])${literally(own)}(?![\\w-]|\\.\\w)`, "g");
  return entries.map((entry) => ({ ...entry, value: entry.value.replace(host, () => domain) }));
}
