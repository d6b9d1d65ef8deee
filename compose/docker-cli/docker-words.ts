import { UserError } from "../../lib/errors.ts";
import type { ExecResult } from "../../lib/exec.ts";
import { asRecord, type ComposeFile, servicesOf } from "../files/compose-file.ts";
import { locate } from "../files/places.ts";
import { interpolate } from "../files/variables.ts";

/** Runs `docker stack config` on some of the app's files. */
export type Config = (files: readonly ComposeFile[]) => Promise<ExecResult>;

/** A path of keys in docker/cli's words: `services.app.ports.0`, `services.app.environment.[]`. */
const KEYS = /\b(?:services|networks|volumes|secrets|configs)(?:\.[^\s.:]+)+/;

const REMEDIES: [RegExp, string][] = [
  [/invalid interpolation format/i, "write $$ for a $ that docker is to leave alone"],
  [/^error decoding 'Volumes/, "write NAME:/path, or /folder:/path"],
  [/resources\.\w+\.memory/i, "write e.g. 512M or 2G"],
  [/Additional property \S+ is not allowed/, "correct the key, or take it out"],
  [/format 'duration'/, "write e.g. 30s or 1m30s"],
  [/format 'ports'/, 'write e.g. "8080:80"'],
  [
    /\.(interval|timeout|start_period|start_interval|stop_grace_period|delay|monitor|window) must be a string/,
    "write e.g. 30s",
  ],
  [/^version mismatched/, "write the same version: in all of them"],
  [/must be a list/, "write it as a list: [a, b]"],
  [/must be a mapping/, "write it as a mapping: {key: value}"],
  [/must be a string/, "put the value in quotes"],
  [/must be a integer/, "write a whole number"],
];

/**
 * What docker/cli says of files it refuses, with file and line. It stops at the first mistake, so every file is also
 * validated alone: each has its own, and the file to blame shows.
 */
export async function dockerMistakes(
  result: ExecResult,
  files: readonly ComposeFile[],
  config: Config,
  env: Readonly<Record<string, string>>,
): Promise<UserError[]> {
  const merged = messageOf(result);
  const alone: UserError[] = [];
  for (const file of files.length > 1 ? new Set(files) : []) {
    const own = await config([file]);
    // Alone it is read from its own folder, where an env_file of the first one's is not.
    if (own.code !== 0 && !own.killed && !ofEnvFile(own.stderr)) alone.push(inWords(messageOf(own), [file], env));
  }
  return alone.some(({ message }) => message === merged) ? alone : [inWords(merged, files, env), ...alone];
}

function inWords(message: string, files: readonly ComposeFile[], env: Readonly<Record<string, string>>): UserError {
  const known = files.map(({ path }) => path).join(" + ");
  const line = /\bline (\d+)/.exec(message)?.[1];
  const remedy = remedyFor(message);
  if (line) return new UserError(message, { place: { file: known, line: Number(line) }, remedy });
  const [path] = KEYS.exec(message) ?? [];
  const unknown = /Additional property (\S+) is not allowed/.exec(message)?.[1];
  const keys = [...(path?.replaceAll(/[[\]]/g, "").split(".") ?? []), unknown ?? ""].filter(Boolean);
  if (keys.length > 0) return new UserError(message, { place: locate(files, keys), remedy });
  return new UserError(message, { place: itemIn(message, files, env) ?? { file: known }, remedy });
}

/** What it decodes it names by field alone, `Volumes[0]` or `Deploy.Resources.Limits.memory`: whose is it? */
function itemIn(message: string, files: readonly ComposeFile[], env: Readonly<Record<string, string>>) {
  const [, field = ""] = /^error decoding '([\w.[\]]+)'/.exec(message) ?? [];
  const steps = field
    .toLowerCase()
    .split(/[.[\]]+/)
    .filter(Boolean);
  if (steps.length === 0) return undefined;
  const found = files.flatMap((file) =>
    Object.entries(servicesOf(file)).flatMap(([service, value]) => {
      const written = steps.reduce<unknown>(part, value);
      if (written === undefined) return [];
      const path = ["services", service, ...steps];
      const isShown = typeof written === "string" && message.includes(interpolate(written, env));
      return [{ isShown, place: { ...locate([file], path), key: path.join(".") } }];
    }),
  );
  const shown = found.filter(({ isShown }) => isShown);
  const [first] = shown.length > 0 ? shown : found.length === 1 ? found : [];
  return first?.place;
}

/** A part of a mapping or a list. */
function part(value: unknown, step: string): unknown {
  return Array.isArray(value) ? value[Number(step)] : asRecord(value)[step];
}

/** What to do, where docker/cli's own words don't say it, or name no file of the recipe. */
function remedyFor(message: string): string | undefined {
  return REMEDIES.find(([words]) => words.test(message))?.[1];
}

function messageOf({ code, stderr }: ExecResult): string {
  if (ofEnvFile(stderr)) return "docker/cli can't read an env_file";
  const lines = stderr.trim().split("\n");
  // A Go program that breaks says why first, and then where.
  const broken = lines.find((line) => /^(panic|fatal error): /.test(line));
  return (
    (broken ? `docker/cli breaks: ${broken}` : lines.at(-1)?.trim()) || `docker stack config ended with code ${code}`
  );
}

/** Its words for these hold a line of the file, or tell which files there are; they were looked at before. */
function ofEnvFile(stderr: string): boolean {
  return /^(invalid env file|open |read |stat )/m.test(stderr);
}
