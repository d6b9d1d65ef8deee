import { readFile, realpath } from "node:fs/promises";
import { type ErrorPlace, UserError, UserErrors } from "../../lib/errors.ts";
import { recipeFile } from "../files/compose-file.ts";
import { abraShExports, readAbraSh, type UnseenExport } from "./abra-sh.ts";
import { assertNamed, missingSample } from "./app-sample.ts";
import { type EnvEntry, type EnvFile, envRecord, optionsOf, parseEnv, withDomain } from "./env-file.ts";
import { EnvBudget } from "./limits.ts";
import { ownVariables, underDomain } from "./run-env.ts";
import type { Setting } from "./setting.ts";

/** The `.env` of operators who have an older release: that one's sample made it, and abra leaves it as it is. */
export interface OperatorEnv {
  /** The release, or a ref, for messages. */
  from: string;
  /** Text of its `.env.sample`; empty where it has none. */
  sample: string;
  /** What the release notes of the newer one ask them to set. Default: nothing. */
  added?: Readonly<Record<string, string>>;
}

export interface AppEnvOptions {
  /** Folder with the recipe's files. */
  checkout: string;
  recipe: string;
  /** Domain to deploy under: abra's app name. */
  domain: string;
  /** Variables over those of `.env`. `abra.sh` still wins over them, as it does in abra. */
  env?: Readonly<Record<string, string>>;
  /** The `.env` that is there when the recipe is upgraded to. Default: a new one, from the recipe's own sample. */
  upgrade?: OperatorEnv;
}

/** All variables of an app, and where they come from. */
export interface AppEnv {
  /** `.env`, overrides, `abra.sh`, and the stack name derived from the domain. */
  env: Record<string, string>;
  /** The lines of `.env`; their comments say how secrets are made. */
  entries: readonly EnvEntry[];
  /** The recipe's own sample. */
  sample: EnvFile;
  /** The sample that made the `.env`, where that is not the recipe's own. */
  old?: EnvFile;
  /** Variables that the recipe's sample leaves out as options: empty on purpose. */
  optional: ReadonlySet<string>;
  /** Where each variable is set. */
  origins: ReadonlyMap<string, ErrorPlace>;
  /** Exports of `abra.sh` that abra does not take. */
  unseen: readonly UnseenExport[];
  /** Where the operators come from whose `.env` it is; undefined for a new one. */
  from?: string;
}

/** Bytes of `.env.sample` and of `abra.sh`. */
const TEXT_LIMIT = 256 << 10;

/**
 * The variables of an app as abra has them at a deployment.
 * @throws UserErrors for what abra can't read, with file and line, and for values no program takes
 */
export async function appEnv(options: AppEnvOptions): Promise<AppEnv> {
  const { checkout, recipe, domain, upgrade } = options;
  const sample = parseEnv(withDomain(await ownSample(checkout), recipe, domain));
  const shell = readAbraSh((await textFile(checkout, "abra.sh")) ?? "");
  if (shell.errors.length > 0) throw new UserErrors(shell.errors);

  const old = upgrade && parseEnv(withDomain(upgrade.sample, recipe, domain), `.env.sample of ${upgrade.from}`);
  const dotenv = underDomain((old ?? sample).entries, domain);
  const file = upgrade ? `.env.sample of ${upgrade.from}` : ".env.sample";
  const settings = [
    ...dotenv.map(({ key, value, line }) => ({ key, value, place: { file, line } })),
    ...overrides(recipe, "env", options.env),
    ...overrides(recipe, "upgradeEnv", upgrade?.added),
    ...shell.exports.map(({ key, value, line }) => ({ key, value, place: { file: "abra.sh", line } })),
  ];
  assertPassable(settings);
  assertNamed(settings, file, recipe);
  const told = new Set(Object.keys(upgrade?.added ?? {}));
  return {
    env: allVariables(dotenv, { ...options.env, ...upgrade?.added }, abraShExports(shell), domain),
    // Who is told to set a variable takes the sample's line for it, with its comment.
    entries: [...dotenv, ...(old ? sample.entries.filter(({ key }) => told.has(key)) : [])],
    sample,
    old,
    optional: optionsOf(sample),
    origins: new Map(settings.map(({ key, place }) => [key, place])),
    unseen: shell.unseen.filter(({ key }) => !shell.exports.some((one) => one.key === key)),
    from: upgrade?.from,
  };
}

/**
 * The order in which abra puts variables over each other, and what is the run's own over them: the stack name
 * always, the rest where the recipe has it at all.
 */
function allVariables(
  dotenv: readonly EnvEntry[],
  over: Readonly<Record<string, string>>,
  abraSh: Readonly<Record<string, string>>,
  domain: string,
): Record<string, string> {
  const all: Record<string, string> = { ...envRecord(dotenv), ...over, ...abraSh, STACK_NAME: "" };
  const own = Object.entries(ownVariables(domain)).filter(([key]) => Object.hasOwn(all, key));
  return { ...all, ...Object.fromEntries(own) };
}

/** Text of a recipe's `.env.sample`; empty where it has none. @throws UserError for one that is no file, or too long */
export async function readSample(checkout: string): Promise<string> {
  return (await textFile(checkout, ".env.sample")) ?? "";
}

async function ownSample(checkout: string): Promise<string> {
  const text = await textFile(checkout, ".env.sample");
  if (text === undefined) throw new UserErrors([await missingSample(checkout)]);
  return text;
}

/** `recipes/<name>/ci.ts`, which says how a recipe is tested. */
export function definitionFile(recipe: string): string {
  return `recipes/${recipe}/ci.ts`;
}

/** Whether a file, as errors name it, says how some recipe is tested: what is wrong there is its author's. */
export function isDefinitionFile(file: string | undefined): boolean {
  return /^recipes\/[^/]+\/ci\.ts$/.test(file ?? "");
}

/**
 * Text of a file of a recipe that says variables, also behind a link; undefined where there is none.
 * @throws UserError for one that is no file, too long, or outside of the recipe
 */
export async function textFile(checkout: string, path: string): Promise<string | undefined> {
  const exists = await realpath(`${checkout}/${path}`).catch(() => undefined);
  if (!exists) return undefined;
  return readFile(await recipeFile(checkout, path, TEXT_LIMIT, { file: path }), "utf8");
}

function overrides(recipe: string, field: string, env: Readonly<Record<string, string>> = {}): Setting[] {
  const file = definitionFile(recipe);
  return Object.entries(env).map(([key, value]) => ({ key, value, place: { file, key: `${field}.${key}` } }));
}

/** @throws UserErrors for a variable that no program can be started with */
function assertPassable(settings: readonly Setting[]): void {
  const budget = new EnvBudget();
  const last = new Map(settings.map((setting) => [setting.key, setting]));
  for (const { key, value, place } of last.values()) {
    const refuse = (message: string, remedy: string) => new UserErrors([new UserError(message, { place, remedy })]);
    if (key === "" || /[=\0]/.test(key)) throw refuse("is no name of a variable", "write letters, digits and _ alone");
    if (value.includes("\0")) throw refuse("the value holds a NUL byte", "take it out: no variable can have one");
    const excess = budget.spend(key, value, place);
    if (excess) throw new UserErrors([excess]);
  }
}
