import type { Agent } from "node:http";
import Docker from "dockerode";
import { InfraError, UserError } from "../lib/errors.ts";
import type { Owner } from "../lib/owner.ts";
import { SshAgent } from "./ssh-dial.ts";
import { tlsFiles } from "./tls-files.ts";

/** The Docker Engine of one node. */
export interface Engine {
  /** Where the engine listens, as given, e.g. `unix:///run/docker.sock`. */
  readonly host: string;
  readonly docker: Docker;
}

/**
 * A Swarm, by the engine of a manager (or of what will be one). What Swarm itself keeps is asked there; containers,
 * volumes and images are each node's own, see `engines.ts`.
 */
export type Swarm = Engine;

/**
 * A client for the engine at `dockerHost`, in the form of `DOCKER_HOST`. Opens no connection yet. Whatever it throws
 * of an engine that refuses, or does not answer, names its owner: it is `infra`, unless who asked knows better.
 *
 * @throws UserError for anything but `unix:///absolute/path`, `ssh://user@host:port` and `tcp://host:port`, which is
 * TLS always; and where there is no certificate for it.
 */
export function connect(dockerHost: string): Engine {
  const docker = new Docker(connection(dockerHost));
  const modem: Modem = docker.modem;
  if (dockerHost.startsWith("ssh://")) modem.agent = new SshAgent(sshAddress(dockerHost));
  const dial = modem.dial.bind(modem);
  modem.dial = (options, callback) => dial(options, (error, data) => callback(error && owned(dockerHost, error), data));
  return { host: dockerHost, docker };
}

/** All of it is said, or the client would take from DOCKER_HOST what is left out. */
function connection(dockerHost: string): Docker.DockerOptions {
  if (dockerHost.startsWith("ssh://")) return { protocol: "http", host: "docker", port: 80 };
  if (dockerHost.startsWith("tcp://")) return { protocol: "https", ...tcpAddress(dockerHost), ...tlsFiles(dockerHost) };
  return { socketPath: socketPath(dockerHost) };
}

/** The one door through which the client asks the engine (docker-modem, `dial`). */
interface Modem {
  /** Makes its connections, where it is not the default one. */
  agent?: Agent;
  dial(options: unknown, callback: (error: unknown, data?: unknown) => void): unknown;
}

function owned(host: string, error: unknown): unknown {
  if (statusOf(error) !== undefined) return Object.assign(error as Error, { owner: "infra" satisfies Owner });
  if (!(error instanceof Error) || error.name === "AbortError") return error;
  return new InfraError(`the Docker Engine at ${host} does not answer: ${engineMessage(error)}`, { cause: error });
}

/** An address of the form `ssh://user@host:port`. @throws UserError for any other */
function sshAddress(dockerHost: string): string {
  const { hostname = "", pathname, password } = URL.canParse(dockerHost) ? new URL(dockerHost) : { hostname: "" };
  if (/^[a-z0-9[][a-z0-9.:\]-]*$/i.test(hostname) && !pathname && !password) return dockerHost;
  throw new UserError(`cannot talk to a Docker Engine at "${dockerHost}"`, {
    remedy: "give user, host and port alone: ssh://user@host:22; the key is ssh's own business",
  });
}

/** Docker's own port for TLS. */
const TLS_PORT = 2376;

/** Host and port of an address of the form `tcp://host:port`. @throws UserError for any other */
function tcpAddress(dockerHost: string): { host: string; port: number } {
  const { hostname = "", port = "", pathname, username } = URL.canParse(dockerHost) ? new URL(dockerHost) : {};
  if (/^[a-z0-9[][a-z0-9.:\]-]*$/i.test(hostname) && !pathname && !username)
    return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || TLS_PORT) };
  throw new UserError(`cannot talk to a Docker Engine at "${dockerHost}"`, {
    remedy: `give host and port alone: tcp://host:${TLS_PORT}`,
  });
}

/** Path of the socket in a `unix://` address. @throws UserError for any other address. */
export function socketPath(dockerHost: string): string {
  const path = dockerHost.startsWith("unix://") ? dockerHost.slice("unix://".length) : "";
  if (!path.startsWith("/"))
    throw new UserError(`cannot talk to a Docker Engine at "${dockerHost}"`, {
      remedy: "give a socket on this machine, e.g. unix:///run/docker.sock, ssh://user@host, or tcp://host:2376",
    });
  return path;
}

/** HTTP status of the engine's answer in an error of the client, or undefined for another error. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("statusCode" in error)) return undefined;
  return typeof error.statusCode === "number" ? error.statusCode : undefined;
}

/** The engine's own words in an error of the client, without what the client puts in front. */
export function engineMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const json = "json" in error ? error.json : undefined;
  if (json && typeof json === "object" && "message" in json && typeof json.message === "string") return json.message;
  return error.message.replace(/^\(HTTP code \d+\) .*? - /, "").trim();
}

/** What `ask` gives, or undefined when the engine does not know the object (404). */
export async function found<T>(ask: Promise<T>): Promise<T | undefined> {
  try {
    return await ask;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** Asks the engine whether it is there. @throws InfraError with the reason when it does not answer. */
export async function ping(swarm: Engine): Promise<void> {
  await asInfra(swarm, swarm.docker.ping());
}

/** What `ask` gives; a refusal by the engine becomes an InfraError that names the engine, as no answer is one. */
export async function asInfra<T>(swarm: Engine, ask: Promise<T>): Promise<T> {
  try {
    return await ask;
  } catch (error) {
    if (statusOf(error) === undefined) throw error;
    throw new InfraError(`the Docker Engine at ${swarm.host} refuses: ${engineMessage(error)}`, { cause: error });
  }
}

/** Whether an engine refused since the container that it was asked about has ended, or is gone. */
export function isOfEnded(error: unknown): boolean {
  const status = error instanceof InfraError ? statusOf(error.cause) : undefined;
  return status === 404 || status === 409;
}

/** Nothing, instead of the engine's 503, where it is not part of a Swarm. */
export async function inSwarm<T>(list: Promise<T[]>): Promise<T[]> {
  try {
    return await list;
  } catch (error) {
    if (statusOf(error) === 503) return [];
    throw error;
  }
}
