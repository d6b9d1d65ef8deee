import { posix } from "node:path";
import type { AppSpec } from "../compose/app-spec.ts";
import { nearest } from "../lib/nearest.ts";
import type { CheckContext } from "./check.ts";
import { CheckFailure } from "./check-failure.ts";
import { execInService } from "./exec.ts";

/** The value of a secret of the app, by its key, as a service that mounts it reads it. */
export async function mountedSecret(context: CheckContext, key: string): Promise<string> {
  const { service, path } = secretPlace(context.app, key);
  const { stdout } = await execInService(context, service, ["cat", path]);
  return stdout;
}

/**
 * Where a secret is mounted. @param service key of the service that has to have it. Default: the first one that has
 * @throws CheckFailure of the definition's author when none has
 */
export function secretPlace(app: AppSpec, key: string, service?: string): { service: string; path: string } {
  const all = app.services.filter((one) => service === undefined || one.key === service);
  for (const one of all) {
    const mounted = one.secrets.find((secret) => secret.key === key);
    if (mounted) return { service: one.key, path: posix.resolve("/run/secrets", mounted.file) };
  }
  const known = app.secrets.map((secret) => secret.key);
  const near = nearest(key, known);
  const who = service === undefined ? "no service" : `not service "${service}"`;
  const hint = near && near !== key ? `: did you mean ${near}?` : "";
  throw new CheckFailure(`ci.ts names secret "${key}", and ${who} mounts it${hint}`, { owner: "author" });
}
