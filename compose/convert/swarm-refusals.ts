import { bytes } from "../../lib/bytes.ts";
import { type ErrorPlace, UserError } from "../../lib/errors.ts";
import type { Port, ServiceSpec } from "../app-spec.ts";
import type { AppEnv } from "../env/app-env.ts";
import { expansionProblem } from "../go-template/expansion.ts";
import { constraintProblem } from "./constraints.ts";
import { imageProblem } from "./image-name.ts";

/**
 * What docker/cli lets through and Swarm refuses about one service, or the node that gets its first task
 * (swarmkit, manager/controlapi/service.go; moby, volume/mounts), with the keys that say it.
 */
export function serviceRefusals(service: ServiceSpec): UserError[] {
  const at = `services.${service.key}`;
  const image = imageProblem(service.image);
  return [
    ...(image ? [new UserError(image.message, { place: { key: `${at}.image` }, remedy: image.remedy })] : []),
    ...mountRefusals(service, `${at}.volumes`),
    ...portRefusals(service, `${at}.ports`),
    ...constraintRefusals(service, `${at}.deploy.placement.constraints`),
    ...expansionRefusals(service, at),
    ...containerRefusals(service, at),
  ];
}

/** Characters of a host name that Linux takes (sethostname(2), HOST_NAME_MAX). */
const HOST_NAME_LIMIT = 64;
/** Bytes below which no container has its memory limited (moby daemon/daemon_unix.go, linuxMinMemory). */
const LEAST_MEMORY = 6 << 20;

/** What the engine of a node refuses as it makes a container, with words that name no key. */
function containerRefusals({ hostname = "", resources }: ServiceSpec, at: string): UserError[] {
  const { memoryBytes } = resources?.limits ?? {};
  const refuse = (key: string, message: string, remedy: string) => [
    new UserError(message, { place: { key: `${at}.${key}` }, remedy }),
  ];
  return [
    ...(hostname.length > HOST_NAME_LIMIT && !hostname.includes("{{")
      ? refuse(
          "hostname",
          `has ${hostname.length} characters, Linux takes ${HOST_NAME_LIMIT}`,
          "shorten it, or leave it out",
        )
      : []),
    ...(memoryBytes && memoryBytes < LEAST_MEMORY
      ? refuse(
          "deploy.resources.limits.memory",
          `${bytes(memoryBytes)} are less than the 6 MiB that an engine takes`,
          "raise it",
        )
      : []),
  ];
}

/** What Swarm refuses about services of one app side by side: a port is published once. */
export function togetherRefusals(services: readonly ServiceSpec[]): UserError[] {
  const holders = new Map<string, { service: string; mode: Port["mode"] }>();
  const errors: UserError[] = [];
  for (const { key, ports } of services) {
    for (const port of ports.filter(({ published }) => published !== undefined)) {
      const name = `${port.published}/${port.protocol}`;
      const other = holders.get(name);
      holders.set(name, other ?? { service: key, mode: port.mode });
      // Two of mode host may be on different nodes.
      if (!other || other.service === key || (other.mode === "host" && port.mode === "host")) continue;
      const place = { key: `services.${key}.ports` };
      const remedy = "publish another port with one of them, or let it be reached through Traefik alone";
      errors.push(new UserError(`port ${name} is published by ${other.service} as well`, { place, remedy }));
    }
  }
  return errors;
}

/** What Swarm takes, and no node of a usual Swarm can do: for a person. */
export function placementWarnings(services: readonly ServiceSpec[]): string[] {
  const hosts = new Map<string, string>();
  return services.flatMap(({ key, ports, placement }) => {
    const clashes = ports.flatMap(({ published, protocol, mode }) => {
      if (published === undefined || mode !== "host") return [];
      const name = `${published}/${protocol}`;
      const other = hosts.get(name);
      hosts.set(name, other ?? key);
      if (other === undefined || other === key) return [];
      return [
        `service ${key}: ${other} takes port ${name} of its node as well: a Swarm of one node runs only one of them`,
      ];
    });
    const unmet = (placement?.constraints ?? []).flatMap((one) => {
      const { doubt } = constraintProblem(one);
      return doubt ? [`service ${key}: constraint "${one}": ${doubt}`] : [];
    });
    return [...clashes, ...unmet];
  });
}

function mountRefusals({ mounts }: ServiceSpec, key: string): UserError[] {
  const seen = new Set<string>();
  const refuse = (message: string, remedy: string) => [new UserError(message, { place: { key }, remedy })];
  return mounts.flatMap(({ target }) => {
    if (/^[A-Za-z]:/.test(target)) {
      const why = `docker takes "${target.slice(0, 2)}" for a drive of Windows`;
      return refuse(`"${target}" is no path of a container: ${why}`, "give the volume a name of two or more letters");
    }
    if (!target.startsWith("/")) {
      return refuse(`"${target}" is no absolute path`, "let the path in the container begin with /");
    }
    const path = target.replace(/\/+$/, "");
    if (path === "") return refuse("a volume can't be mounted at /", "mount it in a folder of the container");
    if (seen.has(path)) return refuse(`two volumes are mounted at ${path}`, "give one of them another target");
    seen.add(path);
    return [];
  });
}

function portRefusals({ ports, endpointMode }: ServiceSpec, key: string): UserError[] {
  const seen = new Set<string>();
  const twice = ports.flatMap(({ published, protocol }) => {
    const name = `${published}/${protocol}`;
    if (published === undefined || seen.size < seen.add(name).size) return [];
    return [new UserError(`port ${name} is published twice`, { place: { key }, remedy: "take one of them out" })];
  });
  const meshed = ports.some(({ mode }) => mode === "ingress") && endpointMode === "dnsrr";
  const remedy = "publish it in mode: host, or take endpoint_mode out";
  const place = { key: key.replace(/ports$/, "deploy.endpoint_mode") };
  return [
    ...twice,
    ...(meshed ? [new UserError("dnsrr can't be had with a port of mode ingress", { place, remedy })] : []),
  ];
}

function constraintRefusals({ placement }: ServiceSpec, key: string): UserError[] {
  return (placement?.constraints ?? []).flatMap((text) => {
    const { problem, remedy } = constraintProblem(text);
    return problem ? [new UserError(`constraint "${text}" ${problem}`, { place: { key }, remedy })] : [];
  });
}

/** The same in the variables that abra gives service `app` beside its own, at the lines that set them. */
export function givenRefusals(
  app: ServiceSpec | undefined,
  { env, origins }: Pick<AppEnv, "env" | "origins">,
): UserError[] {
  return Object.entries(env).flatMap(([name, value]) => {
    if (Object.hasOwn(app?.env ?? {}, name)) return [];
    const problem = expansionProblem(value);
    return problem === undefined ? [] : [broken(`variable ${name}`, problem, origins.get(name) ?? {})];
  });
}

function broken(what: string, problem: string, place: ErrorPlace): UserError {
  const message = `Swarm expands the "{{" in ${what} as a template of its own, and can't: ${problem}`;
  const remedy = 'a "{{" for the app itself is written {{"{{"}}, or goes into a config without template_driver';
  return new UserError(message, { place, remedy });
}

/** Swarm puts values into variables, the host name and mounts by Go templates of its own, and takes no broken one. */
function expansionRefusals({ env, hostname, mounts }: ServiceSpec, at: string): UserError[] {
  const texts: [key: string, what: string, text: string | null | undefined][] = [
    ...Object.entries(env).map(
      ([name, value]) => [`${at}.environment`, `variable ${name}`, value] as [string, string, string | null],
    ),
    [`${at}.hostname`, "the host name", hostname],
    ...mounts.flatMap(({ source, target }) =>
      [source, target].map((text) => [`${at}.volumes`, "a mount", text] as [string, string, string | undefined]),
    ),
  ];
  return texts.flatMap(([key, what, text]) => {
    const problem = text ? expansionProblem(text) : undefined;
    return problem === undefined ? [] : [broken(what, problem, { key })];
  });
}
