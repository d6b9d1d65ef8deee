import type { AppSpec } from "../../compose/app-spec.ts";
import { type HttpRoute, httpRoutes } from "../../compose/labels/http-routes.ts";
import { asTraefikReads } from "../../compose/labels/traefik-labels.ts";
import type { UntilOptions } from "../../lib/until.ts";
import type { CheckContext } from "../check.ts";
import { namedService } from "../named-service.ts";
import { waitFor } from "../wait-for.ts";

/** What Traefik itself asks of a server before it sends requests to it. */
export interface BalancerHealth {
  /** Router that leads there. */
  router: string;
  service: string;
  port: number;
  path: string;
  label: string;
}

const LABEL = /^traefik\.http\.services\.[^.]+\.loadbalancer\.healthcheck\.path$/;

/**
 * The health checks that labels have Traefik make, where it asks by GET, over plain HTTP and at the port of requests, as
 * it does unless it is told otherwise.
 */
export function balancerHealth(app: AppSpec): BalancerHealth[] {
  const routes = httpRoutes(app);
  return asTraefikReads(app).flatMap(({ key, labels }) => {
    const route = routes.find(({ service }) => service === key);
    return Object.entries(labels).flatMap(([label, path]) => {
      if (!route || !LABEL.test(label) || isOtherwise(labels, label)) return [];
      return [{ router: route.router, service: key, port: portAt(labels, label, route), path, label }];
    });
  });
}

function isOtherwise(labels: Record<string, string>, label: string): boolean {
  const others = ["scheme", "port", "hostname", "method", "mode", "status", "headers"];
  const [check, server] = [label.replace(/path$/, ""), label.replace(/healthcheck\.path$/, "server.")];
  const keys = Object.keys(labels);
  return others.some((one) => keys.some((key) => key.startsWith(`${check}${one}`))) || `${server}scheme` in labels;
}

function portAt(labels: Record<string, string>, label: string, { port }: HttpRoute): number {
  return Number(labels[label.replace(/healthcheck\.path$/, "server.port")] ?? port);
}

/**
 * Traefik takes a server out whose answer is not one of 200 to 399, some seconds after it began to send requests there.
 * @throws CheckFailure with the label that names the path
 */
export async function isKept(
  { app, probe, signal }: CheckContext,
  { service, port, path, label }: BalancerHealth,
  wait: Omit<UntilOptions, "what">,
): Promise<void> {
  const { name } = namedService(app, service);
  const url = `http://${name}:${port}${path.startsWith("/") ? path : `/${path}`}`;
  const look = async () => {
    const { error, status } = await probe.http({ url }, signal);
    if (status >= 200 && status < 400) return { done: true as const, value: undefined };
    return { done: false as const, reason: error ?? `status ${status}` };
  };
  const why = `Traefik takes ${service} out: label ${label} has it ask ${path}, which has to answer 200 to 399`;
  await waitFor(look, { what: `GET ${url}`, ...wait }, why);
}
