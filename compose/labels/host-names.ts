import type { AppSpec } from "../app-spec.ts";

/** Characters of a certificate's common name (RFC 5280, ub-common-name); authorities give none to a longer first name. */
const COMMON_NAME_LIMIT = 64;
/** Characters of a host name's part between two dots, and of all of it (RFC 1035). */
const PART_LIMIT = 63;
const NAME_LIMIT = 253;

/** Hosts that an app's routers ask certificates for and can't get, one line each, for a person. */
export function hostWarnings({ services, domain = "" }: Pick<AppSpec, "services" | "domain">): string[] {
  const own = problemOf(domain);
  const routed = services.flatMap(({ key, labels }) =>
    Object.entries(labels)
      .filter(([label]) => /^traefik\.(http|tcp)\.routers\.[^.]+\.rule$/i.test(label))
      .flatMap(([label, rule]) => hostsIn(rule).map((host) => ({ host, where: `service ${key}: ${label}` }))),
  );
  return [
    ...(own ? [`DOMAIN "${domain}" ${own}`] : []),
    ...routed.flatMap(({ host, where }) => {
      const problem = host === domain ? undefined : problemOf(host);
      return problem ? [`${where}: host "${host}" ${problem}`] : [];
    }),
  ];
}

function problemOf(host: string): string | undefined {
  const part = host.split(".").find((one) => one.length > PART_LIMIT);
  if (part !== undefined) return `has a part of ${part.length} characters, and none may have more than ${PART_LIMIT}`;
  if (host.length > NAME_LIMIT) return `has ${host.length} characters, and no host name more than ${NAME_LIMIT}`;
  if (host.length <= COMMON_NAME_LIMIT) return undefined;
  return `has ${host.length} characters: a certificate's common name takes ${COMMON_NAME_LIMIT}, so it may get none`;
}

/** Hosts of a router's rule: what stands in backticks or quotes in `Host(…)` and `HostSNI(…)` of a rule. */
export function hostsIn(rule: string): string[] {
  const calls = [...rule.matchAll(/\b(?:Host|HostSNI)\(([^)]*)\)/g)].map(([, inner = ""]) => inner);
  return calls.flatMap((inner) => [...inner.matchAll(/[`"]([^`"]+)[`"]/g)].map(([, host = ""]) => host));
}
