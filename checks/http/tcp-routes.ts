import type { AppSpec } from "../../compose/app-spec.ts";
import { type Route, tcpRoutes } from "../../compose/labels/http-routes.ts";
import type { UntilOptions } from "../../lib/until.ts";
import type { CheckContext } from "../check.ts";
import type { HealthCondition } from "../health.ts";
import { namedService } from "../named-service.ts";
import { waitFor } from "../wait-for.ts";

/**
 * TCP routers of an app that lead elsewhere than what is asked already.
 * @param asked the conditions of its definition
 */
export function otherTcpRoutes(app: AppSpec, asked: readonly HealthCondition[]): Route[] {
  const known = asked.flatMap((one) => ("tcp" in one ? [one.tcp] : "tls" in one ? [one.tls] : []));
  return tcpRoutes(app).filter(
    (route) => !known.some(({ service = "app", port }) => service === route.service && port === route.port),
  );
}

/**
 * Something listens where a TCP router sends to. What it speaks nobody here knows.
 * @throws CheckFailure with the label that names the port
 */
export async function accepts(
  { app, probe, signal }: CheckContext,
  { router, service: key, port }: Route,
  wait: Omit<UntilOptions, "what">,
): Promise<void> {
  const { name } = namedService(app, key);
  const look = async () => {
    const refused = await probe.tcp(name, port, signal);
    return refused ? { done: false as const, reason: refused } : { done: true as const, value: undefined };
  };
  const why = `TCP router ${router} sends to port ${port} of ${key}, where nothing listens: does it listen there, for all addresses?`;
  await waitFor(look, { what: `TCP ${name}:${port}`, ...wait }, why);
}
