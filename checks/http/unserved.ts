import type { AppSpec } from "../../compose/app-spec.ts";
import { hostsIn } from "../../compose/labels/host-names.ts";
import { asTraefikReads, namesIn } from "../../compose/labels/traefik-labels.ts";
import type { Owner } from "../../lib/owner.ts";
import type { Entry } from "../../swarm/entry/find.ts";
import type { TraefikRouter, TraefikState } from "../../swarm/entry/traefik.ts";
import type { EntryResponse } from "./entry-request.ts";

/** Why a request did not come to the app, one sentence for a person, and who has to act. */
export interface Unserved {
  reason: string;
  owner: Owner;
}

/** What is looked at together. */
export interface UnservedLook {
  app: AppSpec;
  entry: Pick<Entry, "address" | "port" | "baseDomain" | "entryPoints">;
  /** Host that was asked for. */
  host: string;
  response: EntryResponse;
  /** What Traefik knows; a text where it could not be asked, why. */
  traefik: TraefikState | string;
}

const ENTRY_POINT = "web-secure";
/** What Traefik puts before the name of a router that is at several entry points, for its copy at that one. */
const FOR_ENTRY_POINT = /^web-secure-/;
/** What Traefik itself answers where it has no server, can't reach it, or waits in vain. */
const GATEWAY: Readonly<Record<number, string>> = {
  502: "which can't be reached there",
  503: "and has no server for it",
  504: "which does not answer there",
};
/** What Traefik says then, for itself: an app that answers so says more, or otherwise (traefik pkg/proxy/httputil). */
const OWN_WORDS = ["", "Bad Gateway", "no available server", "Service Unavailable", "Gateway Timeout"];
/** What it says where it reaches a server, and can't speak the label's protocol with it. */
const NOT_SPOKEN = { status: 500, body: "Internal Server Error" };
/** What that protocol asks of a server. */
const SPOKEN: Readonly<Record<string, string>> = {
  https: "its certificate has to be one that Traefik trusts",
  h2c: "it has to speak HTTP/2 without TLS",
};
/** Most lines of a log that are told. */
const TOLD = 3;

/**
 * Why Traefik did not bring a request to an app. Undefined where it did, and what came back is the app's own answer.
 * A 404 of Traefik's looks like that of many an app: which one it is, its routers tell.
 */
export function whyUnserved(look: UnservedLook): Unserved | undefined {
  const { response, entry, host } = look;
  const options = response.refused === "connection" && isEndedByTls(response) ? tlsOptions(look) : undefined;
  if (options) return { reason: options, owner: "recipe" };
  if (response.refused === "connection")
    return { reason: `Traefik does not answer at ${entry.address}:${entry.port}: ${response.error}`, owner: "infra" };
  if (response.refused === "certificate") return untrusted(look);
  const isUnspoken = response.status === NOT_SPOKEN.status && response.body.trim() === NOT_SPOKEN.body;
  if (response.status !== 404 && !isUnspoken && !isGateways(response)) return undefined;
  if (typeof look.traefik === "string") {
    return { reason: `what Traefik knows of ${host} could not be asked: ${look.traefik}`, owner: "recipe" };
  }
  const router = routersOf(look.traefik).find((one) => serves(one, host));
  if (!router) return unrouted(look, look.traefik);
  if (isUnspoken) return unspoken(look, router);
  const gone = GATEWAY[response.status];
  return gone === undefined ? undefined : unreached(look, look.traefik, router, gone);
}

/** Whether something took the connection, and ended it in the middle of the handshake. */
function isEndedByTls({ error = "" }: EntryResponse): boolean {
  return /before secure TLS connection|handshake|ECONNRESET|SSL alert/i.test(error);
}

/** Options of TLS that a router names and the platform does not have: Traefik then ends connections for its hosts. */
function tlsOptions({ app, host }: UnservedLook): string | undefined {
  for (const { labels } of asTraefikReads(app))
    for (const name of namesIn(labels, "traefik.http.routers.")) {
      const label = `traefik.http.routers.${name}.tls.options`;
      const options = labels[label] ?? "default";
      if (options !== "default" && hostsIn(labels[`traefik.http.routers.${name}.rule`] ?? "").includes(host))
        return `Traefik ends connections for ${host} in the middle of the TLS handshake: label ${label} names the options ${options}, and the platform has default alone`;
    }
  return undefined;
}

/** Whether Traefik itself says that it has no server, can't reach it, or waits in vain. */
export function isGateways({ status, body }: Pick<EntryResponse, "status" | "body">): boolean {
  return status in GATEWAY && OWN_WORDS.includes(body.trim());
}

/** What is said of a router that is only at entry points of another kind than sites have: some platforms have them. */
const OTHER_ENTRY_POINT = /^(?:entryPoint "(?!.*(?:web|http))|no valid entryPoint)/i;

/**
 * Routers of an app that Traefik passes over, one sentence each, with its reason. One at an entry point of another kind
 * that the platform lacks, such as one for federation, is left to operators.
 */
export function passedOver(
  { app, entry }: Pick<UnservedLook, "app" | "entry">,
  names: readonly string[],
  state: TraefikState,
): string[] {
  const known = routersOf(state);
  const said = linesAbout({ app }, state).map((line) => `; it says: ${line}`);
  return names.flatMap((name) => {
    const same = known.filter((router) => router.name === name);
    if (same.length === 0)
      return [`router ${name}, which the labels declare, is none that Traefik knows${said.join("")}`];
    const [off] = same.some(({ status }) => status !== "disabled") ? [] : same;
    if (!off || off.error?.every((one) => OTHER_ENTRY_POINT.test(one))) return [];
    return [whyNot({ ...off, status: "disabled" }, "", entry.entryPoints)];
  });
}

function untrusted({ response, entry, host }: UnservedLook): Unserved {
  const { subject = "nothing", names = "" } = response.certificate ?? {};
  const shown = `${subject}${names ? `, for ${names}` : ""}`;
  if (isBelow(host, entry.baseDomain))
    return { reason: `Traefik has no right certificate for ${host}: it shows ${shown}`, owner: "infra" };
  return {
    reason: `the certificate is for names one label below ${entry.baseDomain}, and ${host} is none: Traefik shows ${shown}`,
    owner: "recipe",
  };
}

/** A router, by its name without provider. */
type Named = TraefikRouter & { name: string };

function unrouted(look: UnservedLook, state: TraefikState): Unserved {
  const why = whyNone(look, state);
  return { reason: `Traefik has no router for ${look.host}, so its own 404 came: ${why}`, owner: "recipe" };
}

/** What is looked at where no answer is. */
type Routerless = Pick<UnservedLook, "app" | "entry" | "host">;

/** Why no router of Traefik's brings requests for a host over TLS; undefined where one does. */
export function whyUnrouted(look: Routerless, state: TraefikState): string | undefined {
  return routersOf(state).some((one) => serves(one, look.host)) ? undefined : whyNone(look, state);
}

function whyNone({ app, host, entry }: Routerless, state: TraefikState): string {
  const own = new Set(asTraefikReads(app).flatMap(({ labels }) => namesIn(labels, "traefik.http.routers.")));
  const known = routersOf(state).filter(({ name, rule }) => own.has(name) || hostsIn(rule ?? "").includes(host));
  const why = known.map((router) => whyNot(router, host, entry.entryPoints));
  const none =
    own.size > 0 ? `of ${[...own].join(", ")}, which the labels declare, it knows none` : "the labels declare none";
  const said = linesAbout({ app }, state);
  return [...(why.length > 0 ? why : [none]), ...said.map((line) => `it says: ${line}`)].join("; ");
}

function whyNot({ name, rule = "", status, error = [], using = [] }: Named, host: string, points: readonly string[]) {
  if (error.length > 0 || status === "disabled") {
    const has = error.some((one) => one.startsWith("entryPoint ")) ? `; there are ${points.join(", ")}` : "";
    return `router ${name} is switched off: ${error.join(", ") || "no reason given"}${has}`;
  }
  if (!hostsIn(rule).includes(host)) return `router ${name} is for ${rule}`;
  if (!using.includes(ENTRY_POINT))
    return `router ${name} is at ${using.join(", ") || "no entry point"}, not at ${ENTRY_POINT}`;
  return `router ${name} came too late`;
}

function unreached(look: UnservedLook, state: TraefikState, { name, service = "" }: Named, gone: string): Unserved {
  const known = state.services[service.includes("@") ? service : `${service}@swarm`];
  const servers = (known?.loadBalancer?.servers ?? []).flatMap(({ url }) => url ?? []);
  const at = servers.length > 0 ? ` at ${servers.join(", ")}` : "";
  const label = `traefik.http.services.${service.split("@")[0]}.loadbalancer.server.port`;
  const said = linesAbout(look, state).map((line) => `; it says: ${line}`);
  return {
    reason: `Traefik's router ${name} sends to service ${service}${at}, ${gone} (status ${look.response.status}): does the app listen on the port in label ${label}, for all addresses?${said.join("")}`,
    owner: "recipe",
  };
}

function unspoken({ app }: UnservedLook, { name, service = "" }: Named): Unserved | undefined {
  const label = `traefik.http.services.${service.split("@")[0]}.loadbalancer.server.scheme`;
  const scheme = asTraefikReads(app).find(({ labels }) => labels[label])?.labels[label] ?? "";
  const asked = SPOKEN[scheme];
  if (asked === undefined) return undefined;
  return {
    reason: `Traefik's router ${name} can't speak ${scheme} with the app, as label ${label} asks for (status 500): ${asked}`,
    owner: "recipe",
  };
}

/** A router that brings requests for a host over TLS to its service. */
function serves({ rule = "", status, using = [] }: Named, host: string): boolean {
  return status !== "disabled" && using.includes(ENTRY_POINT) && hostsIn(rule).includes(host);
}

function routersOf({ routers }: TraefikState): Named[] {
  return Object.entries(routers)
    .filter(([name]) => name.endsWith("@swarm"))
    .map(([name, router]) => ({ ...router, name: name.replace(/@swarm$/, "").replace(FOR_ENTRY_POINT, "") }));
}

/** What Traefik's log says of an app, each once, the newest last. */
function linesAbout({ app }: Pick<UnservedLook, "app">, { log }: TraefikState): string[] {
  const services = app.services.map(({ name }) => `${name.replaceAll("_", "-")}-`);
  const routers = asTraefikReads(app).flatMap(({ labels }) => namesIn(labels, "traefik.http.routers."));
  const lines = log
    .filter(({ routerName = "", container = "" }) => {
      return routers.includes(routerName.replace(/@swarm$/, "")) || services.some((name) => container.startsWith(name));
    })
    .map(({ message, error }) => withLabel(app, [message, error].filter(Boolean).join(": ")));
  return [...new Set(lines)].slice(-TOLD);
}

/** What Traefik says of a label that it does not know names a part of it; such a label has it skip the whole service. */
function withLabel(app: AppSpec, line: string): string {
  const part = /field not found, node: (\S+)/.exec(line)?.[1]?.toLowerCase();
  if (part === undefined) return line;
  const names = app.services.flatMap(({ labels }) => Object.keys(labels));
  const label = names.find((name) => {
    const [first, ...rest] = name.toLowerCase().split(".");
    return first === "traefik" && rest.includes(part);
  });
  return label === undefined ? line : `${line}, which is in label ${label}`;
}

function isBelow(host: string, domain: string): boolean {
  return host.endsWith(`.${domain}`) && !host.slice(0, -domain.length - 1).includes(".");
}
