import type { AppSpec, ServiceSpec } from "../compose/app-spec.ts";
import { CheckFailure } from "./check-failure.ts";

/**
 * The service that a definition means by its key.
 * @throws CheckFailure of the definition's author for one that the app, at this version, does not have
 */
export function namedService(app: AppSpec, key: string): ServiceSpec {
  const service = app.services.find((candidate) => candidate.key === key);
  if (service) return service;
  const known = app.services.map((one) => one.key).join(", ");
  const version = app.version ?? app.commit.slice(0, 8);
  throw new CheckFailure(`ci.ts names service "${key}", and the recipe at ${version} has ${known}`, {
    owner: "author",
  });
}
