import { InfraError, UserError } from "../lib/errors.ts";
import { stackConfig } from "../pulumi/stack-file.ts";
import type { EntryPoint } from "../swarm/entry/labels.ts";
import { hostPart } from "./hetzner/host-part.ts";
import { runStack } from "./local-stack.ts";
import type { Node } from "./node.ts";

/** Keys under `recipe-ci:` that a node of any kind may have, for its Traefik. */
export const PLATFORM_KEYS = ["baseDomain", "entryPoints"] as const;

/** Base domain where nothing is said: no name server has it, and nobody can own it (RFC 6761). */
export const DEFAULT_BASE_DOMAIN = "ci.test";

/** Most characters: a run's own label and the dot before it are to fit into what certificates take. */
const LONGEST_DOMAIN = 40;
const DOMAIN = /^(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))+$/;
const ENTRY_POINT = /^([a-z][a-z0-9-]{0,30})=(\d{1,5})(?:\/(tcp|udp))?$/;
/** Names and ports that Traefik has anyway. */
const TAKEN = { names: ["web", "web-secure", "traefik"], ports: [80, 443, 8080] };

/** Domain that the names of runs end in. @throws UserError for what is no domain of two labels or more */
export function baseDomain(text: string = DEFAULT_BASE_DOMAIN): string {
  if (DOMAIN.test(text) && text.length <= LONGEST_DOMAIN) return text;
  throw new UserError(`"${text}" can't be what names of runs end in`, {
    place: { key: "recipe-ci:baseDomain" },
    remedy: `use a domain of two parts or more in small letters, at most ${LONGEST_DOMAIN} characters: ${DEFAULT_BASE_DOMAIN}`,
  });
}

/**
 * Domain that the names of runs end in on the node of a stack, by its settings: where nothing else is said, the one that
 * its zone at Hetzner leads there.
 *
 * @throws UserError as {@link baseDomain}
 */
export function baseDomainOf(stack: string, settings: { node?: string; baseDomain?: string; zone?: string }): string {
  const { node, zone } = settings;
  const zones = node === "hetzner" && zone !== undefined ? `${hostPart(stack)}.${zone}` : undefined;
  return baseDomain(settings.baseDomain ?? zones);
}

/**
 * Domain that the names of runs end in on the node that runs go to: known from its settings, before it is there.
 * @throws UserError as {@link baseDomain}
 */
export function configuredBaseDomain(): string {
  return baseDomainOf(runStack(), stackConfig(runStack()));
}

/** @throws InfraError for a node whose Traefik has a certificate for other names than its settings say by now */
export function assertBaseDomain({ entry }: Pick<Node, "entry">): void {
  const wanted = configuredBaseDomain();
  if (entry === undefined || entry.baseDomain === wanted) return;
  throw new InfraError(`the node is for names below ${entry.baseDomain}, and its settings say ${wanted}`, {
    remedy: `npx recipe-ci pulumi up -s ${runStack()}`,
  });
}

/**
 * Ports of Traefik beside `web` and `web-secure`: `gitea-ssh=2222, mumble-udp=64738/udp`.
 * @throws UserError for what can't be read, and for names and ports that are taken
 */
export function entryPoints(text = ""): EntryPoint[] {
  const parts = text.split(",").map((one) => one.trim());
  const found = parts.filter(Boolean).map(entryPoint);
  for (const [index, one] of found.entries()) {
    const before = found.slice(0, index);
    if (TAKEN.names.includes(one.name) || before.some(({ name }) => name === one.name))
      throw wrong(`there is an entry point ${one.name} already`);
    const meets = before.some(({ port, protocol }) => port === one.port && protocol === one.protocol);
    if ((one.protocol === "tcp" && TAKEN.ports.includes(one.port)) || meets)
      throw wrong(`port ${one.port}/${one.protocol} is another entry point's already`);
  }
  return found;
}

function entryPoint(text: string): EntryPoint {
  const [, name = "", digits, protocol = "tcp"] = ENTRY_POINT.exec(text) ?? [];
  const port = Number(digits);
  if (!name || port < 1 || port > 65_535) throw wrong(`"${text}" is no entry point`);
  return { name, port, protocol: protocol === "udp" ? "udp" : "tcp" };
}

function wrong(message: string): UserError {
  return new UserError(message, {
    place: { key: "recipe-ci:entryPoints" },
    remedy: "separate them by commas: gitea-ssh=2222, mumble-udp=64738/udp",
  });
}
