import type * as pulumi from "@pulumi/pulumi";
import type { Check } from "../components/check.ts";
import { engineProvider } from "../components/engine-provider.ts";
import { providedNetworks } from "../components/provided-networks.ts";
import type { AppSpec, Labels } from "../compose/app-spec.ts";
import { present } from "../lib/present.ts";
import { RUN_LABEL } from "../swarm/run-label.ts";
import { backupPassword, deploy, deployElsewhere, helperName, makeHelper, type Standing } from "./deployment.ts";
import { appNow, appsOf, dependenciesOf, subjectOf } from "./deployments.ts";
import { exactConfigs, exactServices } from "./exact-services.ts";
import { providedNames } from "./externals.ts";
import { Needs } from "./needed.ts";
import { reached, type StackPhase } from "./phases.ts";
import type { PlannedCheck, PlannedPhase } from "./plan/planned.ts";
import { restoresElsewhere } from "./plan/recipe-plan.ts";
import { recipeGuard } from "./recipe-guard.ts";
import type { RecipeStackArgs } from "./stack-args.ts";
import { type Footing, footingOf, makeChecks, type Seen } from "./stack-checks.ts";

/** One recipe under test, and what it needs: what exists together and dies together, up to a phase. */
export function recipeStack(args: RecipeStackArgs): void {
  const { run, phase, plan, swarm } = args;
  const runLabels: Labels = { [RUN_LABEL]: run };
  const engine = args.place?.engine ?? swarm;
  // It makes nothing. Before the guard, so that its plugin starts meanwhile.
  const provider = engineProvider("node", swarm.host);
  const ofPlace = engine === swarm ? provider : engineProvider("place", engine.host);
  const planned = plan.filter(({ skip }) => !skip).map(({ name }) => name);
  recipeGuard({ run, dockerHost: swarm.host, phase, planned }).protectAll();

  const options: pulumi.ComponentResourceOptions = { providers: [provider] };
  const subject = subjectOf(args.deployments);
  const standing = appNow(subject, phase);
  const app = args.undeployed ? { ...standing, services: [] } : standing;
  const provided = networksOf(args, app, runLabels, options);
  const common = { args, runLabels, externalNetworks: { ...args.externalNetworks, ...provided }, options, ofPlace };
  const password = { value: "" };
  const seen: Seen = { args, password, clients: new Map() };

  const needs = new Needs(seen, common);
  const after = needs.before(subject);
  const secretValues = needs.secretsOf(subject, app, args);
  const textsToCome = needs.textsToCome(subject);
  const first = deploy({
    ...common,
    name: "app",
    mail: subject.definition.mail,
    app,
    after,
    secretValues,
    textsToCome,
    exactServices: exactServices(subject.base, subject.head),
    exactConfigs: exactConfigs(subject.base, subject.head),
  });

  // It stands from the start, so that the time it takes runs beside the app's own.
  const asked = plan.some(({ checks }) => checks.some(({ helper }) => helper));
  const secret = asked ? backupPassword(args, password) : undefined;
  const helper = secret
    ? makeHelper({ ...common, name: "backup", app, secret, volumes: first.app.volumes })
    : undefined;
  const moved = secret && isWanted("move", args) && restoresElsewhere(plan) && secondApp(args);
  const elsewhere =
    moved &&
    deployElsewhere({
      ...common,
      ...{ secret, app: moved, after, secretValues, textsToCome, first: app, mail: subject.definition.mail },
    });
  goThrough(seen, { first, helper, elsewhere: elsewhere || undefined, needs });
}

/** All that checks may look at. */
interface Stage {
  first: Standing;
  helper?: pulumi.Resource;
  elsewhere?: Standing & { helper: pulumi.Resource };
  needs: Needs;
}

/** The checks of all phases up to the stack's own, each phase after the one before. */
function goThrough(seen: Seen, { first, helper, elsewhere, needs }: Stage): void {
  const { args } = seen;
  const helpers = helper ? [helper] : [];
  let ended: Check[] = [];
  let previous: Check[] = [];
  let beside: Check[] = [];
  for (const planned of args.plan) {
    if (!isWanted(planned.name, args)) continue;
    const meanwhile = planned.alongside ? previous : [];
    if (planned.alongside) previous = ended;
    const whole = { ...footingOf(seen, first, planned.app, [...helpers, ...previous]), past: isPast(planned, args) };
    const early = { context: whole.context, on: helpers, fingerprint: helperName(first.spec) };
    const again = elsewhere && footingOf(seen, elsewhere, elsewhere.spec, [elsewhere.helper, ...previous]);
    const footing = ({ dependency, elsewhere, early: soon }: PlannedCheck): Footing => {
      if (dependency === undefined) return elsewhere ? (again ?? whole) : soon ? early : whole;
      const standing = needs.standing(dependency);
      return footingOf(seen, standing, standing.spec, previous);
    };
    const checks = planned.checks.filter(({ gate }) => !gate);
    const made = makeChecks(args, checks, footing, planned.name === "install" ? needs.gates : undefined);
    const going = planned.checks.filter((one) => one.beside).flatMap(({ name }) => made.get(name) ?? []);
    ended = previous;
    previous = [...beside, ...meanwhile, ...made.values()].filter((one) => !going.includes(one));
    beside = going;
  }
}

/** Whether the stack is to hold what a phase adds. */
function isWanted(name: StackPhase, { phase, plan }: RecipeStackArgs): boolean {
  return reached(phase, name) && !plan.find((one) => one.name === name)?.skip;
}

/** Only install's checks can't be asked once base is gone: they stay as they were. */
function isPast({ name, app }: PlannedPhase, { phase, deployments, undeployed }: RecipeStackArgs): boolean {
  const isGone = undeployed || reached(phase, "upgrade");
  return name === "install" && app === subjectOf(deployments).base && isGone;
}

/** Networks that definitions provide, each once: all of a run's deployments meet in it. */
function networksOf(
  { deployments, swarm }: RecipeStackArgs,
  app: AppSpec,
  runLabels: Labels,
  options: pulumi.ComponentResourceOptions,
) {
  const apps = [app, ...appsOf(dependenciesOf(deployments))];
  const used = apps.flatMap(({ networks }) => networks.filter(({ external }) => external).map(({ name }) => name));
  const names = providedNames(deployments).filter((name) => used.includes(name));
  return providedNetworks({ names, namespace: app.namespace, dockerHost: swarm.host, runLabels }, options);
}

/** Who reads the recipe goes by the same plan. */
function secondApp({ elsewhere }: RecipeStackArgs): AppSpec {
  return present(elsewhere, "the second app in which the plan restores");
}
