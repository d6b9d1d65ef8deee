import type { ServiceSpec } from "../app-spec.ts";

/** `/run/secrets/x`, plain or as a URL, as the whole of a value. */
const PATH = /^(?:file:(?:\/\/)?)?(\/run\/secrets\/[^\s:,;]+)$/;

/** A variable that names a file of a secret, where nothing is mounted. */
export interface MissingSecret {
  variable: string;
  path: string;
}

/** All such variables of a service. */
export function missingSecrets(service: ServiceSpec): MissingSecret[] {
  return Object.entries(service.env).flatMap(([variable, value]) => {
    const path = PATH.exec(value ?? "")?.[1];
    return path && !isThere(path, service) ? [{ variable, path }] : [];
  });
}

/** Where a service sees its secrets. */
export function secretPaths({ secrets }: ServiceSpec): string[] {
  return secrets.map(({ file }) => (file.startsWith("/") ? file : `/run/secrets/${file}`));
}

/** A config or a volume may be mounted there as well. */
function isThere(path: string, service: ServiceSpec): boolean {
  const configs = service.configs.map(({ file }) => (file.startsWith("/") ? file : `/${file}`));
  if ([...secretPaths(service), ...configs].includes(path)) return true;
  return service.mounts.some(({ target }) => path === target || path.startsWith(`${target}/`));
}

/** A secret that a service is told of, and that others of its app have. */
export interface MisplacedSecret extends MissingSecret {
  /** Keys of those that mount it. */
  mountedIn: string[];
}

/**
 * The variables of a service that name the file of a secret which only others mount. One that those have as well is of
 * all of them, which not each has to need.
 */
export function misplacedSecrets(service: ServiceSpec, all: readonly ServiceSpec[]): MisplacedSecret[] {
  return missingSecrets(service).flatMap((missing) => {
    const having = all.filter((one) => secretPaths(one).includes(missing.path));
    const isShared = having.some(({ env }) => missing.variable in env);
    return having.length > 0 && !isShared ? [{ ...missing, mountedIn: having.map(({ key }) => key) }] : [];
  });
}
