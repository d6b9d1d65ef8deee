import type { Swarm } from "../client.ts";
import { containerOf } from "../exec.ts";
import { withContainer } from "../helper-container.ts";
import { serviceLogs } from "../logs.ts";
import { TRAEFIK_INTERNAL, TRAEFIK_SERVICE } from "./labels.ts";

/** What a node's Traefik makes of the labels in its Swarm: the parts of `/api/rawdata` that are read. */
export interface TraefikState {
  /** By name with provider, `wiki@swarm`. */
  routers: Record<string, TraefikRouter>;
  /** Those of TCP. */
  tcpRouters: Record<string, TraefikRouter>;
  services: Record<string, TraefikService>;
  /** Its own lines of level warn and above, oldest first. */
  log: TraefikLine[];
}

export interface TraefikRouter {
  rule?: string;
  service?: string;
  entryPoints?: string[];
  status?: string;
  error?: string[];
  /** Entry points that it is at. */
  using?: string[];
}

export interface TraefikService {
  status?: string;
  error?: string[];
  loadBalancer?: { servers?: { url?: string }[] };
}

export interface TraefikLine {
  level?: string;
  message?: string;
  error?: string;
  routerName?: string;
  serviceName?: string;
  /** Service and task that a line is about, with dashes for underscores. */
  container?: string;
}

/** Lines from the end of its log that are looked at: it repeats itself every second. */
const LINES = 400;

/**
 * Asks a node's Traefik what it knows. Its API listens on its container's own loopback, so the question comes from a
 * container that shares that for a moment.
 *
 * @param image with curl, on the node already
 * @throws InfraError when Traefik does not run, or does not answer
 */
export async function askTraefik(swarm: Swarm, { run, image }: { run: string; image: string }): Promise<TraefikState> {
  const { id, engine } = await containerOf(swarm, TRAEFIK_SERVICE);
  const spec = { run, image, entrypoint: ["sleep"], cmd: ["60"], network: `container:${id}` };
  const url = `http://${TRAEFIK_INTERNAL}/api/rawdata`;
  const [{ stdout }, log] = await Promise.all([
    withContainer(engine, spec, (helper) => helper.exec(["curl", "--silent", "--fail", "--max-time", "5", url])),
    serviceLogs(swarm, TRAEFIK_SERVICE, { lines: LINES }),
  ]);
  const { routers = {}, tcpRouters = {}, services = {} } = JSON.parse(stdout || "{}") as Partial<TraefikState>;
  return { routers, tcpRouters, services, log: parseLog(log) };
}

/** Lines of its log that tell of something wrong. */
export function parseLog(text: string): TraefikLine[] {
  return text.split("\n").flatMap((line) => {
    try {
      const entry = JSON.parse(line.slice(Math.max(line.indexOf("{"), 0))) as TraefikLine;
      return ["warn", "error", "fatal"].includes(entry.level ?? "") ? [entry] : [];
    } catch {
      return [];
    }
  });
}
