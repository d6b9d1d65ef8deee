import { firstLine, plainText } from "./plain-text.ts";

/** What programs say when something common is wrong with the host, and what mends it. */
const CAUSES: { says: RegExp; remedy: string }[] = [
  {
    says: /no space left on device|ENOSPC|not enough free space/i,
    remedy: "free some space, or set RECIPE_CI_HOME to a folder on a larger disk",
  },
  { says: /EROFS|read-only file system/i, remedy: "set RECIPE_CI_HOME to a folder that can be written to" },
  {
    says: /could not get lock|unable to (?:acquire|lock)|is held by process/i,
    remedy: "another package manager is at work: wait for it to end, then run again",
  },
  {
    says: /unable to locate package|has no installation candidate|couldn't find any package/i,
    remedy: "see that /etc/apt/sources.list names a mirror with Debian's main section, then run again",
  },
  {
    says: /NO_PUBKEY|is not signed|invalid signature|GPG error/i,
    remedy: "install debian-archive-keyring, or trust the mirror's key, then run again",
  },
  {
    says: /(?:go|proxy|module).*(?:no such host|connection refused|i\/o timeout|network is unreachable|403 Forbidden|tls:)/i,
    remedy:
      "see that this host reaches its Go module proxy (go env GOPROXY), then run again: what was compiled is kept",
  },
  {
    says: /temporary failure resolving|could not resolve|failed to fetch|unable to connect|connection timed out/i,
    remedy: "see that this host reaches the mirror in /etc/apt/sources.list, then run again",
  },
  {
    says: /signal: killed|cannot allocate memory|out of memory/i,
    remedy: "free some memory (building takes about 3 GiB), then run again",
  },
  {
    says: /incorrect passphrase/i,
    remedy:
      "set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to the one the stack was made with, or unset both if that was the one in the home",
  },
  { says: /EACCES|EPERM|permission denied/i, remedy: "run as root, or see that this user may write there" },
];

/** The remedy of a common cause that a program's words tell; undefined for others. */
export function remedyFor(text: string): string | undefined {
  return CAUSES.find(({ says }) => says.test(text))?.remedy;
}

/** What begins a line that says why a program failed: apt's and mmdebstrap's `E:`, Go's `go:`, `error:`. */
const REASON = /^(?:E:|go:|error:|fatal:)\s*/i;

/**
 * The one sentence of a program's words that says what failed and why. Its first line says what; where that ends in
 * an exit code, the line that gives the reason is added.
 */
export function causeOf(text: string): string {
  const first = firstLine(text);
  const [, what] = /^(.*?):? exit code \d+:?$/.exec(first) ?? [];
  if (what === undefined) return first.replace(/:$/, "");
  const lines = text.split("\n");
  const reason = reasonIn(lines.slice(lines.findIndex((line) => line.trim() === first) + 1));
  return reason ? `${what}: ${reason}` : first;
}

/**
 * The line of a program's output that says why it failed: the first that says so of itself, else the last. What is
 * given may hold several lines in one, as an engine that reads a build's output in pieces does.
 */
export function reasonIn(lines: readonly string[]): string | undefined {
  const told = lines
    .flatMap((line) => plainText(line).split("\n"))
    .map((line) => line.trim())
    .filter(Boolean);
  return (told.find((line) => REASON.test(line)) ?? told.at(-1))?.replace(REASON, "");
}
