import { hasRestoreHooks } from "../../checks/backup/disaster.ts";
import type { CheckDefinition, CheckFunction } from "../../checks/check.ts";
import { called, calledAfter } from "../../checks/commands.ts";
import { type ConvergedArgs, converged, type Patience } from "../../checks/converged.ts";
import { conditionsOf, conditionTitle, healthy } from "../../checks/health.ts";
import { balancerHealth } from "../../checks/http/balancer-health.ts";
import { healthPathOf } from "../../checks/http/health-path.ts";
import { otherRoutes, routesServe } from "../../checks/http/other-routes.ts";
import { otherTcpRoutes } from "../../checks/http/tcp-routes.ts";
import { listens, publishedAlone } from "../../checks/published-ports.ts";
import { guardedMounts, readsMounts } from "../../checks/readable-mounts.ts";
import type { Seed } from "../../checks/seeds/seed.ts";
import type { AppSpec } from "../../compose/app-spec.ts";
import { asksItsHealth } from "../../compose/convert/lasting.ts";
import { saidTimeout, timeoutSeconds } from "../../compose/labels/app-labels.ts";
import { backupPlan } from "../../compose/labels/backup-labels.ts";
import { mainRoute, webPort } from "../../compose/labels/http-routes.ts";
import type { Duration } from "../../lib/duration.ts";
import type { RecipeDefinition } from "../../recipes/define-recipe.ts";
import type { StackPhase } from "../phases.ts";
import { addTime, convergenceDeadline } from "./convergence.ts";
import type { DefaultSeed } from "./default-seed.ts";
import { check, helperCheck, type Link } from "./planned.ts";

/** What all phases of a plan go by. */
export interface Settings {
  definition: RecipeDefinition;
  seeds: Seed[];
  /** Where the only seed is not the recipe's own. */
  marker?: DefaultSeed;
  /** Whether head is deployed on what a release has left. Default: it is not. */
  upgrades?: boolean;
  /** Head is deployed anew on what a release has left, which abra calls no upgrade. Default: it is not. */
  anew?: boolean;
}

/** The seeds that the backup brings back. */
export function heldSeeds({ seeds, marker }: Settings): Seed[] {
  if (!marker) return seeds;
  return marker.notBackedUp ? [] : [marker.held];
}

/** A check of a seed: the marker file is put where it lies, and read, through the backup helper. */
export function seedCheck({ marker }: Settings, name: string, title: string, run: CheckFunction): Link {
  return marker ? helperCheck(name, title, run) : check(name, title, run);
}

/** A check that every service runs, with the times and the tolerance of the recipe. */
export function stands(
  name: string,
  title: string,
  definition: RecipeDefinition,
  app: AppSpec,
  how: Omit<ConvergedArgs, "deadline" | "restarts"> & AfterHooks,
): CheckDefinition {
  const deadline = convergenceDeadline(definition, app);
  const { hooked = false, ...args } = how;
  const restarts = (definition.restarts ?? 0) + (hooked ? 1 : 0);
  return check(name, title, converged({ ...args, deadline, restarts }), addTime(deadline));
}

interface AfterHooks {
  /**
   * Hooks of a restore ran while it did. One that makes a database anew ends whoever is connected, and an app that ends
   * of that is started again by Swarm, with operators as well. Default: false.
   */
  hooked?: boolean;
}

/** Converged, then answering: what "up" means in every phase that starts or disturbs containers. */
export function serving(
  phase: StackPhase,
  { definition, anew = false, upgrades }: Settings,
  app: AppSpec,
): CheckDefinition[] {
  const restarted = phase === "restore";
  const settled = stands(`${phase}.converged`, "Every service runs, healthy and stable", definition, app, {
    fresh: !restarted,
    stableFor: restarted ? "0 s" : (definition.stableFor ?? "2 s"),
    restarted,
    // The last look of the phase, which the backup goes on beside, waits for the end of that.
    watchedYet: phase === "upgrade",
    updated: phase === "upgrade",
    hooked: restarted && hasRestoreHooks(backupPlan(app)),
    patience: restarted ? undefined : patienceOf(definition, app),
  });
  const answers = answering(definition, app);
  const authored = definition.health !== undefined;
  return [
    settled,
    ...reading(phase, app, upgrades),
    ...calling(phase, app, anew),
    ...(answers ? [{ ...check(`${phase}.answers`, answers.title, answers.run, answers.deadline), authored }] : []),
    ...routing(phase, definition, app),
    ...publishing(phase, definition, app),
  ];
}

/** What abra calls in the app before its operator looks at it. Who restores one calls nothing. */
function calling(phase: StackPhase, app: AppSpec, anew: boolean): CheckDefinition[] {
  if (phase === "restore") return [];
  return commandCheck(phase, app, phase === "upgrade" && !anew ? "upgrade" : "deploy");
}

/** That all functions of `abra.sh` which abra calls after an act end well; none where it calls none. */
export function commandCheck(phase: StackPhase, app: AppSpec, act: "deploy" | "upgrade"): CheckDefinition[] {
  const after = calledAfter(app, act);
  if (!after) return [];
  const calls = after.commands.map(({ call }) => call).join("; ");
  return [check(`${phase}.commands`, `What ${after.key} calls ends well: ${calls}`, called(after), "600 s")];
}

/** That services may read what is mounted for some users alone. Of base nobody has to mend it, and a restore changes nothing. */
function reading(phase: StackPhase, app: AppSpec, upgrades = false): CheckDefinition[] {
  const isHead = phase === "upgrade" || (phase === "install" && !upgrades);
  const guarded = isHead ? guardedMounts(app) : [];
  const title = "Services may read the secrets and configs that they mount";
  return guarded.length > 0 ? [check(`${phase}.reads-mounts`, title, readsMounts(guarded))] : [];
}

/** What an app has its users reach past Traefik. A definition that says what a healthy app does knows better. */
function publishing(phase: StackPhase, definition: RecipeDefinition, app: AppSpec): CheckDefinition[] {
  const published = definition.health === undefined ? publishedAlone(app) : [];
  if (published.length === 0) return [];
  const names = published.map(({ service }) => service.key).join(", ");
  const within = convergenceDeadline(definition, app);
  const title = `Something listens behind the ports that are published: ${names}`;
  return [check(`${phase}.ports`, title, listens(published, within), addTime(within))];
}

/** Where a definition says how long a start may take, that counts alone. */
function patienceOf({ convergence }: RecipeDefinition, { services, namespace }: AppSpec): Patience | undefined {
  if (convergence !== undefined) return undefined;
  const said = saidTimeout(services, namespace);
  return { seconds: said ?? timeoutSeconds(services, namespace), said: said !== undefined };
}

/** What an app has Traefik route to, beside what is asked of it anyway. */
function routing(phase: StackPhase, definition: RecipeDefinition, app: AppSpec): CheckDefinition[] {
  const given = conditionsOf(definition.health);
  const asked = given.length === 0 ? [{}] : given.flatMap((one) => ("http" in one ? [one.http] : []));
  const others = { http: otherRoutes(app, asked), tcp: otherTcpRoutes(app, given), health: balancerHealth(app) };
  const names = [...others.http, ...others.tcp].map(({ router }) => router);
  const kept = others.health.map(({ router }) => router);
  if (names.length + kept.length === 0) return [];
  const title =
    names.length > 0
      ? `Traefik reaches a server behind every other router: ${names.join(", ")}`
      : `What Traefik's own health check asks is answered: ${kept.join(", ")}`;
  return [check(`${phase}.routes`, title, routesServe(others))];
}

/**
 * What a healthy app answers, if it is known; undefined where nothing says so. Without a health check Swarm knows
 * nothing of its start, so one that is silent has the time that its start may take; with one, who says that it is not
 * ready yet.
 */
export function answering(
  definition: RecipeDefinition,
  app: AppSpec,
): { title: string; run: CheckFunction; deadline?: Duration } | undefined {
  const given = conditionsOf(definition.health);
  const web = webPort(app);
  const isDefault = given.length === 0;
  const conditions = isDefault && web ? [{ http: { path: mainRoute(app)?.path ?? "/" } }] : given;
  if (conditions.length === 0) return undefined;
  const title = conditions.map(conditionTitle).join("; ");
  const watched = web !== undefined && asksItsHealth(web.service);
  const starting = convergenceDeadline(definition, app);
  const healthPath = isDefault ? healthPathOf(app) : undefined;
  return { title, run: healthy(conditions, { starting, watched, healthPath }), deadline: addTime(addTime(starting)) };
}
