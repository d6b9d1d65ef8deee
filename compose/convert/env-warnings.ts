import { nearest } from "../../lib/nearest.ts";
import type { AppSpec } from "../app-spec.ts";
import { type AppEnv, type AppEnvOptions, definitionFile } from "../env/app-env.ts";
import { type EnvFile, optionsOf } from "../env/env-file.ts";
import type { CanonicalCompose } from "../files/canonical.ts";
import type { ComposeFile } from "../files/compose-file.ts";

/** What abra reads itself, whether or not the recipe's files name it. */
const READ_BY_ABRA = [
  "COMPOSE_FILE",
  "DOMAIN",
  "EXTRA_DOMAINS",
  "POST_DEPLOY_CMDS",
  "POST_UNDEPLOY_CMDS",
  "POST_UPGRADE_CMDS",
  "RECIPE",
  "STACK_NAME",
  "TYPE",
];

/** Variables that are a run's own, and in what words. */
const OWN: Record<string, string> = {
  DOMAIN: "a domain of its own",
  LETS_ENCRYPT_ENV: "what its platform resolves certificates with",
  STACK_NAME: "a namespace of its own",
};

/** What an app's variables are used for. */
export interface EnvUse {
  files: readonly ComposeFile[];
  compose: CanonicalCompose;
  configs: AppSpec["configs"];
}

/** What looks wrong about the variables of an app, one line each, for a person. */
export function envWarnings(app: AppEnv, options: AppEnvOptions, use: EnvUse): string[] {
  return [
    ...app.sample.warnings,
    ...otherRecipe(app, options),
    ...missingKeys(app),
    ...notTaken(app),
    ...withoutEffect(app, options),
    ...notYetKnown(app, options),
    ...unknown(app, options, use),
    ...bare(app, use.compose),
  ];
}

/** An app is of the recipe that its `.env` names, and deployed from that one. */
function otherRecipe({ sample }: AppEnv, { recipe }: AppEnvOptions): string[] {
  const named = (key: string) => sample.entries.findLast((entry) => entry.key === key && entry.value !== "");
  const entry = named("RECIPE") ?? named("TYPE");
  const [name] = entry?.value.split(":", 1) ?? [];
  if (!entry || name === recipe) return [];
  return [`.env.sample:${entry.line} ${entry.key}: operators get an app of recipe ${name}, not of ${recipe}`];
}

/** abra's own look at an `.env` before it deploys (`CheckEnv`): what the sample has and it lacks. */
function missingKeys({ env, sample, from }: AppEnv): string[] {
  const missing = [...keysOf(sample)].filter((key) => !Object.hasOwn(env, key));
  return missing.length > 0 ? [`operators who come from ${from} have no ${missing.join(", ")} in their .env`] : [];
}

/** What is the run's own, and abra would take from others, and all apps of the recipe with it. */
function notTaken(app: AppEnv): string[] {
  return Object.entries(OWN).flatMap(([key, whose]) => {
    const { file, line, key: field } = app.origins.get(key) ?? {};
    if (file === undefined || isForOperators(key, app)) return [];
    const where = [line ? `${file}:${line}` : file, field].filter(Boolean).join(" ");
    return [`${where}: ${key} is not taken, a run has ${whose}: ${app.env[key] || "none"}`];
  });
}

/** A sample's line that operators fill in, or whose value they look at: nobody means it to stay as it is. */
function isForOperators(key: string, { entries, origins }: AppEnv): boolean {
  const fromSample = origins.get(key)?.file?.startsWith(".env.sample") ?? false;
  return fromSample && (key !== "STACK_NAME" || entries.findLast((entry) => entry.key === key)?.value === "");
}

/** Settings of `ci.ts` that `abra.sh` wins over, and exports that abra does not take though others set the variable. */
function withoutEffect({ origins, unseen }: AppEnv, options: AppEnvOptions): string[] {
  const lost = overridden(options)
    .filter(({ key }) => origins.get(key)?.file === "abra.sh" && !Object.hasOwn(OWN, key))
    .map(({ key, where }) => `${where}: abra.sh:${origins.get(key)?.line} sets it as well, and wins`);
  const untaken = unseen
    .filter(({ key }) => origins.has(key))
    .map(({ key, line, text, why }) => `abra.sh:${line} ${key}: abra does not take ${text}, ${why}`);
  return [...lost, ...untaken];
}

/** Who comes from a release that has no such variable has not set it either. */
function notYetKnown({ old, sample, from }: AppEnv, { recipe, env = {} }: AppEnvOptions): string[] {
  if (!old) return [];
  const [before, now] = [all(old), all(sample)];
  return Object.keys(env)
    .filter((key) => now.has(key) && !before.has(key))
    .map(
      (key) => `${definitionFile(recipe)} env.${key}: ${from} does not know it, so it belongs in upgradeEnv as well`,
    );
}

function unknown(app: AppEnv, options: AppEnvOptions, { files, compose, configs }: EnvUse): string[] {
  const known = new Set([
    ...READ_BY_ABRA,
    ...all(app.sample),
    ...(app.old ? all(app.old) : []),
    ...files.flatMap((file) => file.variables.map(({ name }) => name)),
    ...Object.values(compose.services ?? {}).flatMap((service) => Object.keys(service.environment ?? {})),
  ]);
  const texts = configs.map(({ data }) => Buffer.from(data, "base64"));
  return overridden(options)
    .filter(({ key }) => !known.has(key) && app.origins.get(key)?.file !== "abra.sh")
    .filter(({ key }) => !texts.some((text) => text.includes(key)))
    .map(({ key, where }) => {
      const near = nearest(key, [...known]);
      const meant = near ? `; did you mean ${near}?` : "";
      return `${where}: nothing in the recipe names it; only service app gets it${meant}`;
    });
}

/** `environment: [KEY]` without a value takes that of the app's variable. */
function bare({ optional }: AppEnv, compose: CanonicalCompose): string[] {
  return Object.entries(compose.services ?? {}).flatMap(([service, { environment }]) =>
    Object.entries(environment ?? {})
      .filter(([key, value]) => value === null && !optional.has(key))
      .map(([key]) => `service ${service}: environment names ${key}, which is defined nowhere: it gets no value`),
  );
}

function overridden({ recipe, env, upgrade }: AppEnvOptions): { key: string; where: string }[] {
  return [
    ...Object.keys(env ?? {}).map((key) => ({ key, where: `${definitionFile(recipe)} env.${key}` })),
    ...Object.keys(upgrade?.added ?? {}).map((key) => ({ key, where: `${definitionFile(recipe)} upgradeEnv.${key}` })),
  ];
}

function keysOf(file: EnvFile): Set<string> {
  return new Set(file.entries.map(({ key }) => key));
}

function all(file: EnvFile): Set<string> {
  return new Set([...keysOf(file), ...optionsOf(file)]);
}
