import type { AppSpec } from "../../compose/app-spec.ts";
import { routing } from "../../compose/labels/routes.ts";
import type { Evidence } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";

/** What {@link routed} asserts; judged before anything is deployed. */
export const ROUTED = { name: "prepare.routes", title: "Traefik finds its way to what it is to route to" };

/**
 * The labels of an app lead Traefik to a port, over a network that Traefik is in. The probe looks from all networks of
 * the app, so it would find a service that nobody outside reaches.
 * @throws CheckFailure with what keeps requests from arriving
 */
export function routed(app: AppSpec): Evidence {
  const { routes, problems } = routing(app);
  if (problems.length > 0) throw new CheckFailure(problems.join("\n"));
  return { summary: routes.length > 0 ? routes.join(", ") : "the recipe declares no route" };
}
