import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { CheckContext } from "../checks/check.ts";
import { Probe } from "../checks/probe.ts";
import type { CheckRecorder } from "../checks/recorder.ts";
import { Restic } from "../checks/restic.ts";
import { Check, type CheckArgs } from "../components/check.ts";
import { GeneratedSecret } from "../components/generated-secret.ts";
import { providedNetworks } from "../components/provided-networks.ts";
import type { AppSpec, Labels } from "../compose/app-spec.ts";
import { generateSecret } from "../compose/objects/secret-values.ts";
import { shortHash } from "../lib/names.ts";
import { present } from "../lib/present.ts";
import type { SecretOf } from "../recipes/define-recipe.ts";
import { namesOfNeeded } from "../recipes/dependencies.ts";
import type { Swarm } from "../swarm/client.ts";
import { RUN_LABEL } from "../swarm/run-label.ts";
import {
  backupPassword,
  deploy,
  deployElsewhere,
  helperName,
  makeHelper,
  redacted,
  type Standing,
} from "./deployment.ts";
import { type Deployment, dependenciesOf, subjectOf } from "./deployments.ts";
import { exactConfigs, exactServices } from "./exact-services.ts";
import { providedNames } from "./externals.ts";
import { givenSecret } from "./given-secrets.ts";
import { keepDropped } from "./keep-dropped.ts";
import { reached, type StackPhase } from "./phases.ts";
import type { PlannedCheck } from "./planned.ts";
import type { Prepared } from "./prepare.ts";
import { recipeGuard } from "./recipe-guard.ts";
import { restoresElsewhere } from "./recipe-plan.ts";

/** Everything the program of a recipe's stack needs; all of it is found before the engine starts. */
export interface RecipeStackArgs extends Omit<Prepared, "node" | "adaptations" | "standIns"> {
  /** Stack name: the value of the run label. */
  run: string;
  /** The stack holds everything up to this phase. */
  phase: StackPhase;
  swarm: Swarm;
  recorder: CheckRecorder;
  signal: AbortSignal;
  /** Digest of a recipe's definition, where it may change from one `up` to the next. Default: it does not. */
  digestOf?: (recipe: string) => string;
}

/** One recipe under test, and what it needs: what exists together and dies together, up to a phase. */
export function recipeStack(args: RecipeStackArgs): void {
  const { run, phase, plan, swarm } = args;
  const runLabels: Labels = { [RUN_LABEL]: run };
  // It makes nothing. Before the guard, so that its plugin starts meanwhile.
  const provider = new docker.Provider("node", { host: swarm.host });
  const planned = plan.filter(({ skip }) => !skip).map(({ name }) => name);
  recipeGuard({ run, dockerHost: swarm.host, phase, planned }).protectAll();

  const options: pulumi.ComponentResourceOptions = { providers: [provider] };
  const deployed = (one: Deployment) => appAt(one, phase);
  const provided = networksOf(args, deployed, runLabels, options);
  const common = { args, runLabels, externalNetworks: { ...args.externalNetworks, ...provided }, options };
  const password = { value: "" };
  const seen: Seen = { args, password };

  const others: Others = new Map();
  for (const one of dependenciesOf(args.deployments)) {
    const { name } = one.definition;
    const secretValues = makeSecrets(args, one, deployed(one), others);
    const standing = deploy({
      ...common,
      name: `needs:${name}`,
      app: deployed(one),
      after: gatesOf(one, others),
      secretValues,
      exactServices: exactServices(undefined, one.head),
      exactConfigs: new Set(),
    });
    const gates = plan.flatMap(({ checks }) => checks.filter((check) => check.gate && check.dependency === name));
    const made = makeChecks(args, gates, () => footingOf(seen, standing, standing.spec, []));
    others.set(name, { standing, secretValues, deployment: one, gates: made });
  }

  const subject = subjectOf(args.deployments);
  const spec = deployed(subject);
  const secretValues = makeSecrets(args, subject, spec, others);
  const after = gatesOf(subject, others);
  const first = deploy({
    ...common,
    name: "app",
    app: spec,
    after,
    secretValues,
    exactServices: exactServices(subject.base, subject.head),
    exactConfigs: exactConfigs(subject.base, subject.head),
  });

  const wanted = (name: StackPhase) => reached(phase, name) && !plan.find((one) => one.name === name)?.skip;

  // It stands from the start, so that the time it takes runs beside the app's own.
  const asked = plan.some(({ checks }) => checks.some(({ helper }) => helper));
  const secret = asked ? backupPassword(args, password) : undefined;
  const helper = secret
    ? [makeHelper({ ...common, name: "backup", app: spec, secret, volumes: first.app.volumes })]
    : [];
  const moved = secret && wanted("backup") && restoresElsewhere(plan) ? { secret, app: secondApp(args) } : undefined;
  const elsewhere = moved && deployElsewhere({ ...common, ...moved, after, secretValues, first: spec });
  let previous: Check[] = [];
  let beside: Check[] = [];
  for (const planned of plan) {
    if (!wanted(planned.name)) continue;
    const past = planned.name === "install" && planned.app !== subject.head && reached(phase, "upgrade");
    const whole = { ...footingOf(seen, first, planned.app, [...helper, ...previous]), past };
    const early = { context: whole.context, on: helper, fingerprint: helperName(spec) };
    const again = elsewhere && footingOf(seen, elsewhere, elsewhere.spec, [elsewhere.helper, ...previous]);
    const gates = new Map([...others.values()].flatMap((one) => [...one.gates]));
    const checks = planned.checks.filter(({ gate }) => !gate);
    const made = makeChecks(
      args,
      checks,
      (check) => {
        if (check.dependency) {
          const { standing } = present(others.get(check.dependency), `dependency ${check.dependency}`);
          return footingOf(seen, standing, standing.spec, previous);
        }
        return check.elsewhere ? (again ?? whole) : check.early ? early : whole;
      },
      planned.name === "install" ? gates : undefined,
    );
    const going = planned.checks.filter((one) => one.beside).flatMap(({ name }) => made.get(name) ?? []);
    previous = [...beside, ...made.values()].filter((one) => !going.includes(one));
    beside = going;
  }
}

/** What a deployment is at a phase. */
function appAt({ base, head }: Deployment, phase: StackPhase): AppSpec {
  if (!base) return head;
  return reached(phase, "upgrade") ? keepDropped(base, head) : base;
}

/** Dependencies that are there, by recipe. */
type Others = Map<
  string,
  {
    standing: Standing;
    deployment: Deployment;
    /** By name. */
    secretValues: Record<string, pulumi.Output<string>>;
    gates: Map<string, Check>;
  }
>;

/** What must hold before the services of a deployment start. */
function gatesOf({ definition }: Deployment, others: Others): Check[] {
  return namesOfNeeded(definition).flatMap((name) => [...(others.get(name)?.gates.values() ?? [])]);
}

/** Networks that definitions provide, each once: all of a run's deployments meet in it. */
function networksOf(
  args: RecipeStackArgs,
  deployed: (one: Deployment) => AppSpec,
  runLabels: Labels,
  options: pulumi.ComponentResourceOptions,
) {
  const { namespace } = subjectOf(args.deployments);
  const used = args.deployments.flatMap((one) => deployed(one).networks.filter((network) => network.external));
  const names = providedNames(args.deployments).filter((name) => used.some((network) => network.name === name));
  return providedNetworks({ names, namespace, dockerHost: args.swarm.host, runLabels }, options);
}

/** Who loads the versions goes by the same plan. */
function secondApp({ elsewhere }: RecipeStackArgs): AppSpec {
  if (!elsewhere) throw new Error("the plan restores in a second app, and none was loaded");
  return elsewhere;
}

function makeSecrets(
  args: RecipeStackArgs,
  { definition }: Deployment,
  app: AppSpec,
  others: Others,
): Record<string, pulumi.Output<string>> {
  const made = app.secrets.filter(({ content }) => content === undefined);
  const entries = made.map((secret) => {
    const given = givenSecret(definition, secret);
    const name = `secret-value:${secret.name}`;
    const value = given ? valueGiven(given, others) : new GeneratedSecret(name, () => generateSecret(secret)).value;
    return [secret.name, value.apply((text) => redacted(args.recorder, text))] as const;
  });
  return Object.fromEntries(entries);
}

/** A value as it is given, or that of a dependency's secret. */
function valueGiven(given: string | SecretOf, others: Others): pulumi.Output<string> {
  if (typeof given === "string") return pulumi.secret(given);
  const other = present(others.get(given.recipe), `dependency ${given.recipe}`);
  const spec = other.standing.spec.secrets.find(({ key }) => key === given.secret);
  return present(spec && other.secretValues[spec.name], `secret ${given.secret} of ${given.recipe}`);
}

/** What contexts of checks have in common. */
interface Seen {
  args: RecipeStackArgs;
  /** Of the backups. */
  password: { value: string };
}

/** What checks stand on, and so wait for, and what their results stand for. */
interface Footing extends Pick<CheckArgs, "context" | "fingerprint" | "past"> {
  on: pulumi.Resource[];
}

/**
 * The results of checks stand for what was asked for, and for the very services and images that were looked at. Made
 * anew, they are looked at anew. Only install's can't be once base is gone: they stay as they were (`past`).
 */
function footingOf({ args, password }: Seen, standing: Standing, judged: AppSpec, on: pulumi.Resource[]): Footing {
  const { run, swarm, signal, pinnedImages } = args;
  const ids = pulumi.all(judged.services.map((service) => standing.app.services[service.name]?.id));
  const images = judged.services.map(({ image }) => pinnedImages[image] ?? image);
  const context = (): CheckContext => ({
    run,
    swarm,
    app: judged,
    probe: new Probe(swarm, standing.probeName),
    resticOf: (app) => new Restic(swarm, helperName(app), () => password.value),
    nonce: shortHash([run, subjectOf(args.deployments).head.commit], 12),
    signal,
  });
  return {
    context,
    on: [standing.app, standing.probe, ...on],
    fingerprint: ids.apply((found) => shortHash([JSON.stringify([judged, images, found])], 16)),
  };
}

function makeChecks(
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
