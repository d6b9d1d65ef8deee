import type { Evidence } from "../checks/check.ts";
import { CheckFailure } from "../checks/check-failure.ts";
import { conditionService, conditionsOf } from "../checks/health.ts";
import { mountOf } from "../checks/seeds/file-seed.ts";
import type { SeedPlace } from "../checks/seeds/seed.ts";
import type { AppSpec } from "../compose/app-spec.ts";
import { definitionFile } from "../compose/env/app-env.ts";
import { webPort } from "../compose/labels/http-routes.ts";
import { describe, UserError } from "../lib/errors.ts";
import { nearest } from "../lib/nearest.ts";
import { plural } from "../lib/plural.ts";
import type { RecipeDefinition } from "../recipes/define-recipe.ts";
import type { SettledDefinition } from "../recipes/settle.ts";
import { namesClientId } from "./client-ids.ts";
import type { Deployment } from "./deployments.ts";

/** What {@link namesKnown} asserts; judged before anything is deployed. */
export const NAMES = { name: "prepare.definition", title: "The recipe has all that its definition names" };

/** Something of the recipe that a definition names, and what there is of the kind. */
interface Name {
  /** Of the definition: `provides.networks[0]`. */
  key: string;
  name: string;
  /** What is wrong if it is none of the known ones. */
  otherwise: string;
  known: string[];
  /** What they are, of all versions: `secrets`. */
  kind: string;
  /** Whose they are. Default: the recipe's. */
  of?: string;
  /** The one that was meant, where that is known otherwise than by its letters. */
  meant?: string;
}

/**
 * Every service, network, secret and path that a definition names is in one of the recipe's versions: what is
 * misspelt would be passed over in silence, or charged to the recipe. Of variables loading warns: service app gets
 * also those that nothing names.
 * @param others all deployments of the run: it may name something of those that it needs. Default: none
 * @throws CheckFailure with each that is not, the name that is nearest and what to do
 */
export function namesKnown(
  definition: SettledDefinition,
  apps: readonly AppSpec[],
  others: readonly Pick<Deployment, "definition" | "head">[] = [],
): Evidence {
  const names = [...namesIn(definition, apps), ...neededNames(definition, others)];
  const wrong = names.filter(({ name, known }) => !known.includes(name));
  const file = definitionFile(definition.name);
  const said = [
    ...wrong.map((one) => new UserError(one.otherwise, { place: { file, key: one.key }, remedy: remedy(one) })),
    ...namesToCome(definition, apps),
  ];
  if (said.length === 0) return { summary: plural(names.length, "name") };
  throw new CheckFailure(said.map(describe).join("\n"), { owner: "author" });
}

/** What is called by a client's id, which nobody knows as it is made. */
function namesToCome({ name, signsOn }: SettledDefinition, apps: readonly AppSpec[]): UserError[] {
  const idToCome = signsOn?.idToCome;
  if (idToCome === undefined || !apps.some((app) => namesClientId(app, idToCome))) return [];
  const remedy = `${signsOn?.provider} gives it once it runs: use it in environments, commands and labels of services`;
  const place = { file: definitionFile(name), key: "env" };
  return [new UserError("the client's id is part of a name, an image or a mount", { place, remedy })];
}

function namesIn(definition: SettledDefinition, apps: readonly AppSpec[]): Name[] {
  return [
    ...networkNames(definition, apps),
    ...sidecarNetworks(definition, apps),
    ...secretNames(definition, apps),
    ...serviceNames(definition, apps),
  ];
}

function networkNames({ provides }: RecipeDefinition, apps: readonly AppSpec[]): Name[] {
  const external = apps.flatMap(({ networks }) => networks.filter((network) => network.external));
  return (provides?.networks ?? []).map((name, index) => ({
    key: `provides.networks[${index}]`,
    name,
    otherwise: `no service uses an external network "${name}"`,
    known: distinct(external.map((network) => network.name)),
    kind: "external networks",
    meant: external.find(({ key }) => key === name)?.name,
  }));
}

/** The networks that sidecars join. */
function sidecarNetworks({ sidecars = {} }: RecipeDefinition, apps: readonly AppSpec[]): Name[] {
  const all = apps.flatMap(({ networks }) => networks);
  const known = distinct(all.map(({ key }) => key));
  return Object.entries(sidecars).flatMap(([sidecar, { network }]) => {
    if (network === undefined) return [];
    return {
      key: `sidecars.${sidecar}.network`,
      name: network,
      otherwise: `there is no network "${network}"`,
      known,
      kind: "networks",
      meant: nearest(network, known) ?? all.find(({ name }) => name === network)?.key,
    };
  });
}

function secretNames({ secrets, signsOn }: SettledDefinition, apps: readonly AppSpec[]): Name[] {
  const given = apps.flatMap((app) => app.secrets.filter(({ content }) => !content).map(({ key }) => key));
  const own = Object.keys(secrets ?? {}).map((name) => ({ key: `secrets.${name}`, name }));
  const signing = signsOn ? [{ key: "signsOnAt.secret", name: signsOn.secretKey }] : [];
  return [...own, ...signing].map(({ key, name }) => ({
    key,
    name,
    otherwise: `no service uses a secret "${name}"`,
    known: distinct(given),
    kind: "secrets",
  }));
}

/** What it names of the recipes that it needs. */
function neededNames(
  { named = [] }: SettledDefinition,
  others: readonly Pick<Deployment, "definition" | "head">[],
): Name[] {
  return named.flatMap(({ kind, recipe, key }) => {
    const head = others.find(({ definition }) => definition.name === recipe)?.head;
    if (!head) return [];
    // A secret that the recipe holds itself is no secret of the run's.
    const secrets = head.secrets.filter(({ content }) => !content);
    const known = distinct((kind === "service" ? head.services : secrets).map((one) => one.key));
    const otherwise = `${recipe} has no ${kind} "${key}"`;
    return [{ key: `needs.${recipe}.${kind}("${key}")`, name: key, otherwise, known, kind: `${kind}s`, of: recipe }];
  });
}

function serviceNames(definition: RecipeDefinition, apps: readonly AppSpec[]): Name[] {
  const { health, seeds = [], trustsNode = [], overlays = {} } = definition;
  const asked = healthServices(health, apps).map(({ key, name }) => serviceName(key, name, apps));
  const places = seeds.flatMap(({ place }, index) => (place ? [{ place, key: `seeds[${index}]` }] : []));
  const seeded = places.flatMap(({ place, key }) => {
    const service = serviceName(`${key}.service`, place.service, apps);
    // Of a service that is not there no path is known.
    return service.known.includes(place.service) ? [service, pathName(`${key}.path`, place, apps)] : [service];
  });
  const trusting = trustsNode.map((name, index) => serviceName(`trustsNode[${index}]`, name, apps));
  const changed = Object.keys(overlays).map((name) => serviceName(`overlays.${name}`, name, apps));
  return [...asked, ...seeded, ...trusting, ...changed];
}

/** The services that answer for the app, named or meant; none where its labels say which it is. */
function healthServices(health: RecipeDefinition["health"], apps: readonly AppSpec[]) {
  return conditionsOf(health).flatMap((condition, index) => {
    const name = conditionService(condition) ?? (apps.some(webPort) ? undefined : "app");
    const [kind] = Object.keys(condition);
    const key = `${Array.isArray(health) ? `health[${index}]` : "health"}.${kind}.service`;
    return name === undefined ? [] : [{ key, name }];
  });
}

function serviceName(key: string, name: string, apps: readonly AppSpec[]): Name {
  const known = distinct(apps.flatMap(({ services }) => services.map((service) => service.key)));
  return { key, name, otherwise: `there is no service "${name}"`, known, kind: "services" };
}

/** A path outlives its container below what the service mounts; a seed elsewhere would be lost whatever the recipe. */
function pathName(key: string, { service, path }: SeedPlace, apps: readonly AppSpec[]): Name {
  const services = apps.flatMap((app) => app.services.filter((one) => one.key === service));
  const lasts = services.some((one) => {
    const mount = mountOf(one, path);
    return mount !== undefined && mount.type !== "tmpfs";
  });
  const mounts = services.flatMap((one) => one.mounts.filter(({ type }) => type !== "tmpfs"));
  const targets = distinct(mounts.map(({ target }) => target));
  return {
    key,
    name: path,
    otherwise: `${path} lies in no volume of service "${service}": what is written there ends with its container`,
    known: lasts ? [path, ...targets] : targets,
    kind: `folders that service "${service}" keeps`,
    meant: targets.find((target) => nearest(upTo(path, target), [target])),
  };
}

/** As many parts of a path as another has. */
function upTo(path: string, other: string): string {
  return path.split("/").slice(0, other.split("/").length).join("/");
}

function remedy({ name, known, kind, of = "the recipe", meant = nearest(name, known) }: Name): string {
  if (known.length === 0) return `take it out: ${of} has no ${kind}`;
  const all = `${of}'s ${kind}: ${known.join(", ")}`;
  return meant === undefined ? `use one of ${all}; or take it out` : `write ${meant}, if that is meant; ${all}`;
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}
