import { type ErrorPlace, UserError } from "../../lib/errors.ts";
import type { Labels, ServiceSpec } from "../app-spec.ts";
import { sortKeys } from "../convert/scoped-names.ts";
import { asRecord, type ComposeFile, servicesOf } from "../files/compose-file.ts";
import { locate } from "../files/places.ts";

/** Seconds abra waits for convergence where the recipe has no `timeout` label. */
const DEFAULT_TIMEOUT = 50;

export interface Deployed {
  recipe: string;
  namespace: string;
  commit: string;
  /** All variables of the app: `.env`, then `abra.sh` over it, `STACK_NAME`. */
  env: Readonly<Record<string, string>>;
}

/** The release the recipe says it is: the label `coop-cloud.<namespace>.version` of service `app`. */
export function labelledVersion(services: readonly ServiceSpec[], namespace: string): string | undefined {
  return appService(services)?.labels[`coop-cloud.${namespace}.version`] || undefined;
}

/** Seconds abra would wait: the label `coop-cloud.<namespace>.timeout`, else 50. */
export function timeoutSeconds(services: readonly ServiceSpec[], namespace: string): number {
  return saidTimeout(services, namespace) || DEFAULT_TIMEOUT;
}

/** Seconds that the label says; undefined where there is none, or abra could not read it. */
export function saidTimeout(services: readonly ServiceSpec[], namespace: string): number | undefined {
  const text = appService(services)?.labels[`coop-cloud.${namespace}.timeout`] ?? "";
  return /^\+?\d{1,6}$/.test(text) ? Number(text) : undefined;
}

/** What abra stops at: it reads the timeout as a whole number (Go's strconv.Atoi), and none as 50. */
export function timeoutRefusals(
  services: readonly ServiceSpec[],
  namespace: string,
  files: readonly ComposeFile[],
): UserError[] {
  const name = `coop-cloud.${namespace}.timeout`;
  const text = appService(services)?.labels[name] ?? "";
  if (text === "" || /^[+-]?\d{1,18}$/.test(text)) return [];
  const place = labelAt(files, "app", ".timeout");
  return [
    new UserError(`the timeout "${text.slice(0, 80)}" is no number`, {
      place,
      remedy: "write seconds without a unit, e.g. 300",
    }),
  ];
}

/** Where a deploy label that ends in a text is written; of several files the last, which counts. */
function labelAt(files: readonly ComposeFile[], service: string, end: string): ErrorPlace {
  const key = `services.${service}.deploy.labels`;
  const isMeant = (name: string) => name.split("=", 1)[0]?.endsWith(end) ?? false;
  for (const file of files.toReversed()) {
    const labels = asRecord(asRecord(servicesOf(file)[service]).deploy).labels;
    const steps = Array.isArray(labels) ? labels.map(String) : Object.keys(asRecord(labels));
    const index = steps.findLastIndex(isMeant);
    if (index < 0) continue;
    const step = Array.isArray(labels) ? String(index) : (steps[index] ?? "");
    return { ...locate([file], ["services", service, "deploy", "labels", step]), key: `${key}.${step}` };
  }
  return { ...locate(files, key.split(".")), key };
}

/**
 * What `abra app deploy` adds to service `app`: labels that name recipe and version, and every variable of the app
 * that the service does not set itself. A commit without a release of its own counts as the version it is
 * labelled with, and with no label as its first eight digits.
 */
export function asAbraDeploys(service: ServiceSpec, deployed: Deployed): ServiceSpec {
  if (service.key !== "app") return service;
  const { recipe, namespace, env } = deployed;
  const version = labelledVersion([service], namespace) ?? deployed.commit.slice(0, 8);
  const prefix = `coop-cloud.${namespace}`;
  const labels: Labels = {
    ...service.labels,
    [`${prefix}.recipe`]: recipe,
    [`${prefix}.chaos`]: "false",
    [`${prefix}.version`]: version,
  };
  const named = Object.keys(env).filter((key) => key === "TYPE" || key === "RECIPE");
  const types = Object.fromEntries((named.length > 0 ? named : ["TYPE"]).map((key) => [key, `${recipe}:${version}`]));
  return { ...service, labels: sortKeys(labels), env: sortKeys({ ...env, ...types, ...service.env }) };
}

function appService(services: readonly ServiceSpec[]): ServiceSpec | undefined {
  return services.find((service) => service.key === "app");
}
