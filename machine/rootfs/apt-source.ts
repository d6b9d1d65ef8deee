import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../lib/exec.ts";

/** Used where the host's own package sources name no Debian mirror. */
const DEFAULT_MIRROR = "http://deb.debian.org/debian";

const DEBIAN_SUITE = /^(?:bullseye|bookworm|trixie|forky|sid|oldstable|stable|testing|unstable)$/;

/** Settings of apt that decide how a mirror is reached, copied from the host. */
const ACCESS_SETTING = /^Acquire::(?:https?::.*Proxy|Check-Valid-Until|Check-Date|https::CaInfo|Retries)/i;

/** The Debian mirror the host itself uses, else Debian's default one. */
export async function debianMirror(etcApt = "/etc/apt"): Promise<string> {
  const texts = [await readText(join(etcApt, "sources.list"))];
  for (const name of (await readdir(join(etcApt, "sources.list.d")).catch(() => [])).sort())
    if (/\.(?:list|sources)$/.test(name)) texts.push(await readText(join(etcApt, "sources.list.d", name)));
  return texts.map(parseMirror).find((mirror) => mirror !== undefined) ?? DEFAULT_MIRROR;
}

/** First http(s) mirror with a plain Debian suite in a text in either format of sources.list(5). */
export function parseMirror(text: string): string | undefined {
  return parseOneLine(text) ?? parseDeb822(text);
}

/** apt's settings about proxies and dates, as lines of apt.conf(5). */
export async function aptAccessSettings(): Promise<string[]> {
  const { code, stdout } = await run(["apt-config", "dump"]).catch(() => ({ code: 127, stdout: "" }));
  return code === 0 ? stdout.split("\n").filter((line) => ACCESS_SETTING.test(line) && !line.endsWith('"";')) : [];
}

function parseOneLine(text: string): string | undefined {
  for (const line of text.split("\n")) {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(https?:\/\/\S+)\s+(\S+)/.exec(line);
    if (match?.[1] && match[2] && DEBIAN_SUITE.test(match[2])) return match[1];
  }
  return undefined;
}

function parseDeb822(text: string): string | undefined {
  for (const stanza of text.split(/\n\s*\n/)) {
    const uri = field(stanza, "URIs").find((value) => /^https?:\/\//.test(value));
    const enabled = !/^no$/i.test(field(stanza, "Enabled")[0] ?? "yes");
    if (uri && enabled && field(stanza, "Suites").some((suite) => DEBIAN_SUITE.test(suite))) return uri;
  }
  return undefined;
}

function field(stanza: string, name: string): string[] {
  const line = stanza.split("\n").find((text) => text.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  return (
    line
      ?.slice(name.length + 1)
      .trim()
      .split(/\s+/)
      .filter(Boolean) ?? []
  );
}

async function readText(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}
