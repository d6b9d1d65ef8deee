import * as pulumi from "@pulumi/pulumi";
import type { CheckContext } from "../checks/check.ts";
import { Probe } from "../checks/probe.ts";
import type { CheckRecorder } from "../checks/recorder.ts";
import { Restic } from "../checks/restic.ts";
import { Check, type CheckArgs } from "../components/check.ts";
import { engineProvider } from "../components/engine-provider.ts";
import { GeneratedSecret } from "../components/generated-secret.ts";
import { providedNetworks } from "../components/provided-networks.ts";
import type { SwarmApp } from "../components/swarm-app.ts";
import type { AppSpec, Labels } from "../compose/app-spec.ts";
import { generateSecret } from "../compose/objects/secret-values.ts";
import { shortHash } from "../lib/names.ts";
import type { RecipeDefinition } from "../recipes/define-recipe.ts";
import type { Swarm } from "../swarm/client.ts";
import type { Place } from "../swarm/place.ts";
import { RUN_LABEL } from "../swarm/run-label.ts";
import { backupPassword, deploy, deployElsewhere, helperName, makeHelper, redacted } from "./deployment.ts";
import { exactConfigs, exactServices } from "./exact-services.ts";
import { givenSecret } from "./given-secrets.ts";
import { keepDropped } from "./keep-dropped.ts";
import { reached, type StackPhase } from "./phases.ts";
import type { PlannedPhase } from "./planned.ts";
import { recipeGuard } from "./recipe-guard.ts";
import { planPhases, restoresElsewhere } from "./recipe-plan.ts";

/** Everything the program of a recipe's stack needs; all of it is found before the engine starts. */
export interface RecipeStackArgs {
  /** Stack name: the value of the run label. */
  run: string;
  /** The stack holds everything up to this phase. */
  phase: StackPhase;
  definition: RecipeDefinition;
  base?: AppSpec;
  head: AppSpec;
  /** Head once more, under other names; undefined where nothing is restored there. */
  elsewhere?: AppSpec;
  /** Head is a release itself. Default: false. */
  release?: boolean;
  swarm: Swarm;
  /** The node it has all of, in a Swarm of several. Default: the one there is. */
  place?: Place;
  /** Ids of external networks, by name. */
  externalNetworks: Record<string, string>;
  /** Ids of external configs, by name. */
  externalConfigs: Record<string, string>;
  /** References pinned by digest, by image as written. */
  pinnedImages: Record<string, string>;
  probeImage: string;
  /** Image id of restic. */
  resticImageId: string;
  recorder: CheckRecorder;
  signal: AbortSignal;
  /** Digest of the recipe's definition, where it may change from one `up` to the next. Default: it does not. */
  definitionDigest?: string;
}

/** One recipe under test: what exists together and dies together, up to a phase. */
export function recipeStack(args: RecipeStackArgs): void {
  const { base, head, run, phase, swarm } = args;
  const upgraded = reached(phase, "upgrade");
  const deployed = base ? (upgraded ? keepDropped(base, head) : base) : head;
  const runLabels: Labels = { [RUN_LABEL]: run };

  const engine = args.place?.engine ?? swarm;
  const password = { value: "" };
  const plan = planPhases({
    definition: args.definition,
    base,
    head,
    release: args.release,
    resticOf: ({ app }) => new Restic(engine, helperName(app), () => password.value),
  });
  // It makes nothing. Before the guard, so that its plugin starts meanwhile.
  const provider = engineProvider("node", swarm.host);
  const ofPlace = engine === swarm ? provider : engineProvider("place", engine.host);
  const planned = plan.filter(({ skip }) => !skip).map(({ name }) => name);
  recipeGuard({ run, dockerHost: swarm.host, phase, planned }).protectAll();

  const options: pulumi.ComponentResourceOptions = { providers: [provider] };

  const secretValues = makeSecrets(args, deployed);
  const { namespace } = deployed;
  const external = deployed.networks.filter((network) => network.external);
  const names = (args.definition.provides?.networks ?? []).filter((name) => external.some((net) => net.name === name));
  const provided = providedNetworks({ names, namespace, dockerHost: swarm.host, runLabels }, options);
  const externalNetworks = { ...args.externalNetworks, ...provided };
  const common = { args, runLabels, externalNetworks, options, ofPlace };
  const first = deploy({
    ...common,
    name: "app",
    app: deployed,
    secretValues,
    exactServices: exactServices(base, head),
    exactConfigs: exactConfigs(base, head),
  });

  const wanted = (name: StackPhase) => reached(phase, name) && !plan.find((one) => one.name === name)?.skip;

  // It stands from the start, so that the time it takes runs beside the app's own.
  const asked = plan.some(({ checks }) => checks.some(({ helper }) => helper));
  const secret = asked ? backupPassword(args, password) : undefined;
  const helper = secret
    ? [makeHelper({ ...common, name: "backup", app: deployed, secret, volumes: first.app.volumes })]
    : [];
  const moved = secret && wanted("backup") && restoresElsewhere(plan) ? { secret, app: secondApp(args) } : undefined;
  const elsewhere = moved && deployElsewhere({ ...common, ...moved, secretValues, first: deployed });
  let previous: Check[] = [];
  let beside: Check[] = [];
  for (const planned of plan) {
    if (!wanted(planned.name)) continue;
    const judged = planned.name === "install" ? (base ?? head) : head;
    const context = contextOf(args, judged, first.probeName);
    const whole = {
      context,
      on: [first.app, first.probe, ...helper, ...previous],
      ...judgedBy(args, planned, judged, first.app),
    };
    const early = { context, on: helper, fingerprint: helperName(deployed) };
    const again = elsewhere && {
      context: contextOf(args, elsewhere.spec, elsewhere.probeName),
      on: [elsewhere.app, elsewhere.probe, elsewhere.helper, ...previous],
      ...judgedBy(args, planned, elsewhere.spec, elsewhere.app),
    };
    const made = makeChecks(args, planned, { whole, early, again: again ?? whole });
    const going = planned.checks.filter((one) => one.beside).flatMap(({ name }) => made.get(name) ?? []);
    previous = [...beside, ...made.values()].filter((one) => !going.includes(one));
    beside = going;
  }
}

/** Who loads the versions goes by the same plan. */
function secondApp({ elsewhere }: RecipeStackArgs): AppSpec {
  if (!elsewhere) throw new Error("the plan restores in a second app, and none was loaded");
  return elsewhere;
}

function makeSecrets(args: RecipeStackArgs, app: AppSpec): Record<string, pulumi.Output<string>> {
  const made = app.secrets.filter(({ content }) => content === undefined);
  const entries = made.map((secret) => {
    const given = givenSecret(args.definition, secret);
    const name = `secret-value:${secret.name}`;
    const value = given ? pulumi.secret(given) : new GeneratedSecret(name, () => generateSecret(secret)).value;
    return [secret.name, value.apply((text) => redacted(args.recorder, text))] as const;
  });
  return Object.fromEntries(entries);
}

function contextOf(args: RecipeStackArgs, app: AppSpec, probeName: string): () => CheckContext {
  return () => ({
    run: args.run,
    swarm: args.swarm,
    app,
    probe: new Probe(args.swarm, probeName),
    nonce: shortHash([args.run, args.head.commit], 12),
    signal: args.signal,
  });
}

/**
 * What the results of a phase's checks stand for: what was asked for, and the very services and images that were
 * looked at. Made anew, they are looked at anew. Only install's can't be once base is gone: they stay as they were.
 */
function judgedBy(
  args: RecipeStackArgs,
  { name }: PlannedPhase,
  judged: AppSpec,
  app: SwarmApp,
): { fingerprint: pulumi.Output<string>; past: boolean } {
  const ids = pulumi.all(judged.services.map((service) => app.services[service.name]?.id));
  const images = judged.services.map(({ image }) => args.pinnedImages[image] ?? image);
  return {
    fingerprint: ids.apply((found) => shortHash([JSON.stringify([judged, images, found])], 16)),
    past: name === "install" && args.base !== undefined && reached(args.phase, "upgrade"),
  };
}

/** What checks stand on, and so wait for, and what their results stand for. */
interface Footing extends Pick<CheckArgs, "context" | "fingerprint" | "past"> {
  on: pulumi.Resource[];
}

function makeChecks(
  args: RecipeStackArgs,
  planned: PlannedPhase,
  footing: { whole: Footing; early: Footing; again: Footing },
): Map<string, Check> {
  const made = new Map<string, Check>();
  for (const definition of planned.checks) {
    const after = definition.after.flatMap((name) => made.get(name) ?? []);
    const kind = definition.elsewhere ? "again" : definition.early ? "early" : "whole";
    const { on, ...judged } = footing[kind];
    const written = definition.authored ? args.definitionDigest : undefined;
    const fingerprint = pulumi.output(judged.fingerprint).apply((text) => (written ? `${text} ${written}` : text));
    const given = { ...judged, fingerprint, definition, recorder: args.recorder };
    const check = new Check(given, { dependsOn: [...on, ...after] });
    made.set(definition.name, check);
  }
  return made;
}
