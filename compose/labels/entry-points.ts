import type { ServiceSpec } from "../app-spec.ts";
import { listIn } from "./http-routes.ts";
import { isExposed, namesIn, PROTOCOLS } from "./traefik-labels.ts";

/** What others call the entry points that operators' Traefik (recipe traefik) calls `web` and `web-secure`. */
const MISNAMED: Readonly<Record<string, string>> = {
  websecure: "web-secure",
  websecured: "web-secure",
  web_secure: "web-secure",
  "web-secured": "web-secure",
  "web-https": "web-secure",
  https: "web-secure",
  secure: "web-secure",
  http: "web",
  "web-http": "web",
};

/**
 * Routers at no entry point that operators' Traefik has: it leaves such a router out (traefik/traefik
 * pkg/server/router/router.go: "EntryPoint doesn't exist"). Only names that are others' for its own count, as operators
 * may add any.
 * @param service with labels as Traefik reads them
 */
export function misnamedEntryPoints({ key, labels }: Pick<ServiceSpec, "key" | "labels">): string[] {
  return PROTOCOLS.flatMap((protocol) =>
    namesIn(labels, `traefik.${protocol}.routers.`).flatMap((name) => {
      const points = listIn(labels[`traefik.${protocol}.routers.${name}.entrypoints`]) ?? [];
      const wrong = points.find((point) => Object.hasOwn(MISNAMED, point.toLowerCase()));
      const meant = MISNAMED[wrong?.toLowerCase() ?? ""];
      if (wrong === undefined || meant === undefined || points.includes(meant)) return [];
      return [`router ${name} of ${key} is at the entry point ${wrong}, which operators' Traefik calls ${meant}`];
    }),
  );
}

/**
 * Routers at `web-secure` that name no resolver of certificates, one sentence each. Operators who have one certificate
 * for all names serve them all the same; those of others see that of Traefik's own making, or its 404.
 * @param services with labels as Traefik reads them
 */
export function withoutResolver(services: readonly ServiceSpec[]): string[] {
  return services.filter(isExposed).flatMap(({ key, labels }) =>
    namesIn(labels, "traefik.http.routers.").flatMap((name) => {
      const router = `traefik.http.routers.${name}`;
      if (!listIn(labels[`${router}.entrypoints`])?.includes("web-secure")) return [];
      if (`${router}.tls.certresolver` in labels || `${router}.tls.options` in labels) return [];
      return [`router ${name} of ${key} is at web-secure and names no tls.certresolver`];
    }),
  );
}
