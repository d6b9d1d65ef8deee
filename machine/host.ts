import { InfraError } from "../lib/errors.ts";
import { ExecError, type ExecOptions, exec } from "../lib/exec.ts";

/** Where administration programs live, also when the caller's PATH leaves the sbin folders out. */
export const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Runs one of the host's administration programs; gives its standard output. */
export function hostExec(argv: readonly [string, ...string[]], options: ExecOptions = {}): Promise<string> {
  return exec(argv, { ...options, env: hostEnvironment(options.env) });
}

/** Like {@link hostExec}, but a failure says what could not be done. @throws InfraError */
export async function hostStep(what: string, argv: readonly [string, ...string[]]): Promise<string> {
  return hostExec(argv).catch((error: unknown) => {
    if (!(error instanceof ExecError)) throw error;
    throw new InfraError(`could not ${what}: ${error.message}`, { cause: error });
  });
}

/** Whether one of the host's administration programs ends with exit code 0. */
export async function hostSucceeds(argv: readonly [string, ...string[]]): Promise<boolean> {
  return hostExec(argv).then(
    () => true,
    (error: unknown) => {
      if (error instanceof ExecError && error.result.code !== 127) return false;
      throw error;
    },
  );
}

function hostEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return { ...env, PATH: env.PATH ? `${env.PATH}:${SYSTEM_PATH}` : SYSTEM_PATH, LC_ALL: "C.UTF-8" };
}
