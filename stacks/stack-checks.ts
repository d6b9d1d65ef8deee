import * as pulumi from "@pulumi/pulumi";
import { backupStore } from "../checks/backup/store.ts";
import type { CheckContext } from "../checks/check.ts";
import { Probe } from "../checks/probe.ts";
import { Restic } from "../checks/restic.ts";
import type { IssuedClient } from "../checks/sign-on/sign-on.ts";
import { Check, type CheckArgs } from "../components/check.ts";
import { onlyOn } from "../components/place.ts";
import type { AppSpec } from "../compose/app-spec.ts";
import { shortHash } from "../lib/names.ts";
import { namesOfNeeded } from "../recipes/dependencies.ts";
import { askTraefik } from "../swarm/entry/traefik.ts";
import { withClientIds } from "./client-ids.ts";
import { helperName, type Standing } from "./deployment.ts";
import { subjectOf } from "./deployments.ts";
import type { PlannedCheck } from "./plan/planned.ts";
import type { RecipeStackArgs } from "./stack-args.ts";

/** What checks stand on, and so wait for, and what their results stand for. */
export interface Footing extends Pick<CheckArgs, "context" | "fingerprint" | "past"> {
  on: pulumi.Resource[];
}

/** What contexts of checks have in common. */
export interface Seen {
  args: RecipeStackArgs;
  /** Of the backups; known once the stack has made it. */
  password: { value: string };
  /** Of identity providers, by recipe; each known once the stack has it. */
  clients: Map<string, IssuedClient>;
}

/**
 * The results of checks stand for what was asked for, and for the very services and images that were looked at. Made
 * anew, they are looked at anew.
 */
export function footingOf(
  { args, password, clients }: Seen,
  standing: Standing,
  judged: AppSpec,
  on: pulumi.Resource[],
): Footing {
  const { run, swarm, place, signal, pinnedImages, entry, browser } = args;
  const ids = pulumi.all(judged.services.map((service) => standing.app.services[service.name]?.id));
  const images = judged.services.map(({ image }) => pinnedImages[image] ?? image);
  const definitionOf = (recipe?: string) => args.deployments.find((one) => one.definition.name === recipe)?.definition;
  const definition = definitionOf(judged.recipe);
  const provider = definitionOf(definition?.signsOn?.provider);
  const needs = namesOfNeeded(definition ?? {});
  const others = args.deployments.filter((one) => needs.includes(one.definition.name));
  const needed = Object.fromEntries(others.map((one) => [one.definition.name, one.head]));
  const store = backupStore();
  const stored = store && { store, run };
  const networks: Record<string, string> = {};
  pulumi.all(standing.app.networks).apply((known) => Object.assign(networks, known));
  const { sidecars } = definition ?? {};
  // The second app's is there with it, under its own namespace.
  const catching = args.deployments.filter((one) => one.definition.mail).map((one) => one.head.namespace);
  const catchers = new Set([...catching, ...(standing.mail ? [standing.spec.namespace] : [])]);
  const constraints = place && [onlyOn(place)];
  const context = (): CheckContext => ({
    run,
    swarm,
    app: withClientIds(judged, definition?.signsOn, clients),
    probe: new Probe(swarm, standing.probeName),
    entry,
    needed,
    sidecarHost: sidecars && { declared: sidecars, pinnedImages, networks, constraints },
    catchers,
    signOnClient: definition?.signsOn,
    logIn: provider?.signOn?.logIn,
    clients,
    browserHost: browser && { programs: browser, redactor: args.recorder.redactor, keeper: args.keeper },
    traefik: (node) => askTraefik(node, { run, image: args.probeImage }),
    resticOf: (app) => new Restic(place?.engine ?? swarm, helperName(app), () => password.value, stored),
    nonce: shortHash([run, subjectOf(args.deployments).head.commit], 12),
    signal,
  });
  return {
    context,
    on: [standing.app, standing.probe, ...(standing.mail ? [standing.mail] : []), ...on],
    fingerprint: ids.apply((found) => shortHash([JSON.stringify([judged, images, found])], 16)),
  };
}

/**
 * Checks of a plan as resources, by name, each after those that it comes after.
 * @param before checks of the same phase that are there already
 */
export function makeChecks(
  args: RecipeStackArgs,
  planned: readonly PlannedCheck[],
  footing: (check: PlannedCheck) => Footing,
  before: ReadonlyMap<string, Check> = new Map(),
): Map<string, Check> {
  const made = new Map(before);
  const subject = subjectOf(args.deployments).definition.name;
  for (const definition of planned) {
    const after = definition.after.flatMap((name) => made.get(name) ?? []);
    const { on, ...judged } = footing(definition);
    const written = definition.authored ? args.digestOf?.(definition.dependency ?? subject) : undefined;
    const fingerprint = pulumi.output(judged.fingerprint).apply((text) => (written ? `${text} ${written}` : text));
    const given = { ...judged, fingerprint, definition, recorder: args.recorder };
    const check = new Check(given, { dependsOn: [...on, ...after] });
    made.set(definition.name, check);
  }
  return made;
}
