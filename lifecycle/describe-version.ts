import type { AppSpec } from "../compose/app-spec.ts";
import { type Deployment, dependenciesOf, subjectOf } from "../stacks/deployments.ts";
import type { VersionInfo } from "./result.ts";

/** A version as the report shows it. */
export function versionInfo(app: AppSpec): VersionInfo {
  return {
    version: app.version,
    commit: app.commit,
    images: Object.fromEntries(app.services.map((service) => [service.key, service.image])),
  };
}

/** `1.1.0+1.22.1 -> 1.2.0+1.26.3`, or head alone where there is no base; then what it needs. */
export function describeDeployments(deployments: readonly Deployment[]): string {
  const name = (app: AppSpec) => app.version ?? app.commit.slice(0, 8);
  const { base, head } = subjectOf(deployments);
  const others = dependenciesOf(deployments).map((one) => `${one.definition.name} ${name(one.head)}`);
  const needs = others.length > 0 ? `, with ${others.join(", ")}` : "";
  return `${base ? `${name(base)} -> ` : ""}${name(head)}${needs}`;
}
