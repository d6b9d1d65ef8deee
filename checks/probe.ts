import type { Duplex } from "node:stream";
import { InfraError } from "../lib/errors.ts";
import { boundedName, SERVICE_NAME_LIMIT } from "../lib/names.ts";
import { lastLine } from "../lib/plain-text.ts";
import type { Swarm } from "../swarm/client.ts";
import { type ExecInResult, execIn, type Placed } from "../swarm/exec.ts";
import { openIn } from "../swarm/exec-stream.ts";
import { runningContainer } from "./container.ts";

export interface ProbeRequest {
  url: string;
  method?: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  headers?: Record<string, string>;
  body?: string;
  /** Seconds for the whole exchange. Default 5. */
  timeoutSeconds?: number;
}

/** What came back; `status` 0 with `error` set when there was no HTTP answer at all. */
export interface ProbeResponse {
  status: number;
  contentType: string;
  /** At most 256 KiB. */
  body: string;
  /** All values of each header, by its name in lower case. */
  headers: Record<string, string[]>;
  durationMs: number;
  error?: string;
}

/** curl's exit code where `--max-time` is over (curl, docs/libcurl/libcurl-errors.md). */
const TIMED_OUT = 28;

/** Whether an answer goes on for as long as somebody listens: what came in time is then all there is to be told. */
export function isEndless(contentType: string): boolean {
  return /^(?:text\/event-stream|multipart\/x-mixed-replace|application\/(?:x-ndjson|stream\+json))\b/i.test(
    contentType,
  );
}

/** The part of curl's `--write-out %{json}` that is used. */
interface CurlReport {
  http_code: number;
  content_type: string | null;
  time_total: number;
  /** Seconds until connected; 0 when it never was. */
  time_connect: number;
  errormsg: string | null;
}

/** Name of the service that stands in the networks of the app of a namespace. */
export function probeNameOf(namespace: string): string {
  return boundedName(`${namespace}-probe`, SERVICE_NAME_LIMIT);
}

/**
 * Looks at an app from inside its own networks: a small service that waits there, in whose container curl is
 * run. So nothing of an app has to be published.
 */
export class Probe {
  private readonly swarm: Swarm;
  private readonly service: string;
  private container: Placed | undefined;

  constructor(swarm: Swarm, service: string) {
    this.swarm = swarm;
    this.service = service;
  }

  async http(request: ProbeRequest, signal?: AbortSignal): Promise<ProbeResponse> {
    const seconds = request.timeoutSeconds ?? 5;
    const argv: [string, ...string[]] = [
      "curl",
      ...["--silent", "--globoff", "--max-time", String(seconds), "--write-out", "%{stderr}%{json}\n%{header_json}"],
      ...(request.method === "HEAD" ? ["--head"] : ["--request", request.method ?? "GET"]),
      ...["--config", "-", "--url", request.url],
    ];
    const result = await this.exec(argv, seconds, curlConfig(request), signal);
    const [line = "", ...headerLines] = result.stderr.split("\n");
    const report = parseReport(line);
    const isWhole = result.code === 0 || (result.code === TIMED_OUT && isEndless(report?.content_type ?? ""));
    return {
      status: report?.http_code ?? 0,
      contentType: report?.content_type ?? "",
      body: result.stdout.slice(0, 256 << 10),
      headers: parseHeaders(headerLines.join("\n")),
      durationMs: (report?.time_total ?? 0) * 1000,
      error: isWhole ? undefined : (report?.errormsg ?? `curl ended with code ${result.code}`),
    };
  }

  /** Undefined when something accepts connections at the address, else why not. */
  async tcp(host: string, port: number, signal?: AbortSignal): Promise<string | undefined> {
    // With nothing to send curl ends as soon as it is connected, or when the other side keeps silent for a second.
    const options = ["--silent", "--max-time", "1", "--write-out", "%{stderr}%{json}"];
    const result = await this.exec(["curl", ...options, `telnet://${host}:${port}`], 1, "", signal);
    const report = parseReport(result.stderr);
    if (report?.time_connect) return undefined;
    return report?.errormsg ?? `no connection to ${host}:${port}`;
  }

  /**
   * Undefined unless the kernel at the address says of a datagram that nobody takes any there; a silent one may be taken.
   * Kernels say so once a second only, after a few (icmp(7), icmp_ratelimit), so silence is believed the second time.
   */
  async takesUdp(host: string, port: number, signal?: AbortSignal): Promise<string | undefined> {
    const script = 'nc -u -z -w 1 "$1" "$2" && sleep 2 && nc -u -z -w 1 "$1" "$2"';
    const { code } = await this.exec(["sh", "-c", script, "sh", host, String(port)], 10, undefined, signal);
    return code === 0 ? undefined : `nobody takes datagrams at ${host}:${port}`;
  }

  /** A connection to an address, through the probe's container: it ends at once where nothing listens. */
  async open(host: string, port: number, signal?: AbortSignal): Promise<Duplex> {
    const { engine, id } = await this.placed(signal);
    return openIn(engine, id, ["nc", host, String(port)], signal);
  }

  /** Sends one datagram, and gives what comes back within a second: nothing where nobody answers. */
  async udp(host: string, port: number, message: Uint8Array, signal?: AbortSignal): Promise<Buffer> {
    const script = 'base64 -d | nc -u -w 1 "$1" "$2" | base64';
    const encoded = Buffer.from(message).toString("base64");
    const result = await this.exec(["sh", "-c", script, "sh", host, String(port)], 5, encoded, signal);
    return Buffer.from(result.stdout, "base64");
  }

  /** A number that the kernel of the probe's node has for all containers, by its name for sysctl. */
  async kernelSetting(name: string, signal?: AbortSignal): Promise<number> {
    const { stdout } = await this.exec(["cat", `/proc/sys/${name.replaceAll(".", "/")}`], 1, undefined, signal);
    const value = Number.parseInt(stdout, 10);
    if (Number.isNaN(value)) throw new InfraError(`the node's kernel has no ${name}`);
    return value;
  }

  private async placed(signal?: AbortSignal): Promise<Placed> {
    this.container ??= await runningContainer(this.swarm, this.service, "infra", signal);
    return this.container;
  }

  private async exec(argv: readonly [string, ...string[]], seconds: number, input?: string, signal?: AbortSignal) {
    const { engine, id } = await this.placed(signal);
    const options = { input, timeout: `${seconds + 5} s`, signal, maxBytes: 1 << 20 } as const;
    const result = await execIn(engine, id, argv, options);
    assertRan(result);
    return result;
  }
}

/** Headers and body as curl reads options: they may hold secrets, and so go in by standard input. */
function curlConfig({ headers = {}, body }: ProbeRequest): string {
  const lines = Object.entries(headers).map(([name, value]) => `header = ${quoted(`${name}: ${value}`)}`);
  if (body !== undefined) lines.push(`data-raw = ${quoted(body)}`);
  return lines.map((line) => `${line}\n`).join("");
}

/** Text in double quotes of a config of curl's (curl, docs/cmdline-opts/config.md). */
function quoted(text: string): string {
  const escapes: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v" };
  return `"${text.replace(/["\\]/g, "\\$&").replace(/[\n\r\t\v]/g, (sign) => escapes[sign] ?? sign)}"`;
}

function parseHeaders(text: string): Record<string, string[]> {
  try {
    return JSON.parse(text) as Record<string, string[]>;
  } catch {
    return {};
  }
}

/** curl's own codes end below 126; from there on it did not run, or was killed, which says nothing of an app. */
export function assertRan({ code, stdout, stderr }: ExecInResult): void {
  if (code >= 0 && code < 126) return;
  const said = lastLine(stderr) ?? lastLine(stdout);
  throw new InfraError(`the probe's curl does not run: exit code ${code}${said ? `: ${said}` : ""}`);
}

function parseReport(text: string): CurlReport | undefined {
  const start = text.indexOf("{");
  try {
    return start < 0 ? undefined : (JSON.parse(text.slice(start)) as CurlReport);
  } catch {
    return undefined;
  }
}
