import { UserError } from "../lib/errors.ts";
import type { ExecResult } from "../lib/exec.ts";
import type { ComposeFile } from "./compose-files.ts";
import { locate } from "./places.ts";

/** Runs `docker stack config` on some of the app's files. */
export type Config = (files: readonly ComposeFile[]) => Promise<ExecResult>;

/** A path of keys in docker/cli's words: `services.app.ports.0`, `services.app.environment.[]`. */
const KEYS = /\b(?:services|networks|volumes|secrets|configs)(?:\.[^\s.:]+)+/;

/**
 * What docker/cli says of files it refuses, with file and line. It stops at the first mistake, so every file is also
 * validated alone: each has its own, and the file to blame shows.
 */
export async function dockerMistakes(
  result: ExecResult,
  files: readonly ComposeFile[],
  config: Config,
): Promise<UserError[]> {
  const merged = messageOf(result);
  const alone: UserError[] = [];
  for (const file of files.length > 1 ? new Set(files) : []) {
    const own = await config([file]);
    // Alone it is read from its own folder, where an env_file of the first one's is not.
    if (own.code !== 0 && !own.killed && !ofEnvFile(own.stderr)) alone.push(inWords(messageOf(own), [file]));
  }
  return alone.some(({ message }) => message === merged) ? alone : [inWords(merged, files), ...alone];
}

function inWords(message: string, files: readonly ComposeFile[]): UserError {
  const known = files.map(({ path }) => path).join(" + ");
  const line = /\bline (\d+)/.exec(message)?.[1];
  if (line) return new UserError(message, { place: { file: known, line: Number(line) } });
  const [path] = KEYS.exec(message) ?? [];
  const unknown = /Additional property (\S+) is not allowed/.exec(message)?.[1];
  const keys = [...(path?.replaceAll(/[[\]]/g, "").split(".") ?? []), unknown ?? ""].filter(Boolean);
  return new UserError(message, { place: keys.length > 0 ? locate(files, keys) : { file: known } });
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
