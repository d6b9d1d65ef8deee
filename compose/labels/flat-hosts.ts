import { literally } from "../../lib/plain-text.ts";
import type { AppSpec, ServiceSpec } from "../app-spec.ts";
import { hostsIn } from "./host-names.ts";

const RULE = /^traefik\.(http|tcp)\.routers\.[^.]+\.rule$/i;

/**
 * An app whose routed hosts below its own domain are one label deep: `office.cust-1a2b3c.ci.test` is
 * `office-cust-1a2b3c.ci.test`, since a wildcard certificate covers one label. They are replaced wherever services are
 * told them, by labels, environment or arguments. With a warning for each.
 */
export function withFlatHosts(app: AppSpec): AppSpec {
  const { domain } = app;
  if (domain === undefined) return app;
  const deep = [...new Set(app.services.flatMap(routedHosts))].filter((host) => host.endsWith(`.${domain}`)).sort();
  if (deep.length === 0) return app;
  // The longest first: one may end in another.
  const flat = deep.map((host) => [host, flatHost(host, domain)] as const).sort(([a], [b]) => b.length - a.length);
  const replaced = (text: string) => flat.reduce((now, [from, to]) => replaceHost(now, from, to), text);
  const warnings = flat.map(([from, to]) => `host ${from} is ${to} in a run: the certificate covers one label`);
  return {
    ...app,
    services: app.services.map((one) => mapTexts(one, replaced)),
    warnings: [...app.warnings, ...warnings],
  };
}

function routedHosts({ labels }: ServiceSpec): string[] {
  return Object.entries(labels).flatMap(([label, rule]) => (RULE.test(label) ? hostsIn(rule) : []));
}

/** A host below a domain as it is in a run; any other stays. */
export function flatHost(host: string, domain: string): string {
  if (!host.endsWith(`.${domain}`)) return host;
  const above = host.slice(0, -domain.length - 1).replaceAll(".", "-");
  return `${above}-${domain}`;
}

function replaceHost(text: string, from: string, to: string): string {
  const host = new RegExp(`(?<![\\w.-])${literally(from)}(?![\\w-]|\\.\\w)`, "g");
  return text.replace(host, () => to);
}

function mapTexts(service: ServiceSpec, change: (text: string) => string): ServiceSpec {
  return {
    ...service,
    labels: Object.fromEntries(Object.entries(service.labels).map(([key, value]) => [key, change(value)])),
    env: Object.fromEntries(
      Object.entries(service.env).map(([key, value]) => [key, value === null ? null : change(value)]),
    ),
    ...(service.command && { command: service.command.map(change) }),
    ...(service.args && { args: service.args.map(change) }),
  };
}
