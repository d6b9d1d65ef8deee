import type { AppSpec } from "../../compose/app-spec.ts";
import type { LoadOptions } from "../../compose/load.ts";
import type { Pulumi } from "../../pulumi/locate.ts";
import type { Swarm } from "../../swarm/client.ts";
import type { Difference, Objects } from "./differences.ts";
import { type Inspects, inspectAll, labelledNames, type Names } from "./inspects.ts";

/** A recipe to be deployed: one version alone, or base and then head over it. */
export interface Deployment {
  /** Value of the run label; unique. */
  run: string;
  /** Oldest first. */
  versions: LoadOptions[];
}

/** Value of every secret. */
export const SECRET = "a value of no importance";

export interface Node {
  swarm: Swarm;
  /** Docker CLI, by its path, with its host. */
  docker: readonly [string, ...string[]];
  pulumi: Pulumi;
}

/** What one side made of a deployment. */
export interface Made {
  /** What stands in the end, normalised; empty where head was refused. */
  objects: Objects;
  /** Why head was not taken over what stood before. */
  refusal?: string;
}

/** What came of one deployment. */
export interface Outcome {
  found: Difference[];
  /** Changes of the update that repeats the last one, e.g. `{ same: 5 }`; undefined where head was refused. */
  repeated?: Record<string, number>;
  /** Why head was not taken, by either side. */
  refusals: { theirs?: string; ours?: string };
}

/** Everything that stands of an app: what its versions name, and what else has the label of its namespace. */
export async function inspectApp(docker: Node["docker"], apps: readonly AppSpec[]): Promise<Inspects> {
  const named = namesOf(apps);
  const labelled = await labelledNames(docker, apps[0]?.namespace ?? "");
  const both = Object.entries(named).map(([kind, names]) => [
    kind,
    [...new Set([...names, ...labelled[kind as keyof Names]])],
  ]);
  return inspectAll(docker, Object.fromEntries(both) as Names);
}

/** Final names of everything that the versions of an app have between them. */
export function namesOf(apps: readonly AppSpec[]): Names {
  const names = (list: (app: AppSpec) => readonly { name: string }[]) => [
    ...new Set(apps.flatMap(list).map(({ name }) => name)),
  ];
  return {
    services: names((app) => app.services),
    networks: names((app) => app.networks),
    secrets: names((app) => app.secrets),
    configs: names((app) => app.configs),
    volumes: names((app) => app.volumes),
  };
}
