import type { AppSpec } from "../../compose/app-spec.ts";
import { httpRoutes, mainRoute, webPort } from "../../compose/labels/http-routes.ts";
import { namedService } from "../named-service.ts";

/** What of an app is meant. */
export interface AppTarget {
  /** Service key. Default: the one whose labels name a Traefik port, else `app`. */
  service?: string;
  /** Port inside the network. Default: the Traefik label's, else 80. */
  port?: number;
  /** Default `/`. */
  path?: string;
}

/** The URL of a service as seen from inside the app's networks. Service names are unique there, aliases are not. */
export function appUrl(app: AppSpec, target: AppTarget): string {
  const { key, port } = placeOf(app, target);
  return `http://${namedService(app, key).name}:${port}${target.path ?? "/"}`;
}

/**
 * The URL that users of an app have for it, by its domain or, for another service that Traefik routes to, by the first
 * host of that router's rule. Undefined for what Traefik does not route to: nobody outside of the app's networks
 * reaches it.
 */
export function publicUrl(app: AppSpec, target: AppTarget): string | undefined {
  const { key, port } = placeOf(app, target);
  const main = mainRoute(app);
  const isMain = main?.service === key && main.port === port;
  const own = isMain ? main : httpRoutes(app).find((route) => route.service === key && route.port === port);
  if (!own) return undefined;
  // Whatever the rule says, it is the domain that users are told.
  const host = (isMain ? app.domain : undefined) ?? own.hosts[0];
  return host && `https://${host}${target.path ?? "/"}`;
}

/** Service and port that are meant. */
export function placeOf(app: AppSpec, target: AppTarget): { key: string; port: number } {
  const web = webPort(app);
  const key = target.service ?? web?.service.key ?? "app";
  const isWeb = target.service === undefined || target.service === web?.service.key;
  return { key, port: target.port ?? (isWeb ? (web?.port ?? 80) : (routedPort(app, key) ?? 80)) };
}

function routedPort(app: AppSpec, key: string): number | undefined {
  return httpRoutes(app).find(({ service }) => service === key)?.port;
}
