import { UserError } from "../../lib/errors.ts";
import type { CanonicalCompose } from "../files/canonical.ts";
import type { ComposeFile } from "../files/compose-file.ts";

/**
 * Variables that would steer the Docker CLI itself: the dynamic loader's and what glibc loads programs by, those that
 * Go's runtime fails for (GOMEMLIMIT) or talks because of (GODEBUG), and those docker/cli reads before it does
 * anything (cli/command: API version, headers, BuildKit, telemetry). What else it knows changes nothing about
 * `docker stack config`.
 */
const WITHHELD =
  /^(LD_|DYLD_|DOCKER_CLI_)|^(GCONV_PATH|GLIBC_TUNABLES|GODEBUG|GOMEMLIMIT|DOCKER_(API_VERSION|BUILDKIT|CUSTOM_HEADERS))$/;

/** Whether a variable of the app never reaches the Docker CLI. */
export function isWithheld(name: string): boolean {
  return WITHHELD.test(name);
}

/** The app's variables as the Docker CLI gets them. */
export function passedOn(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isWithheld(name)));
}

/** A mistake for every `${NAME}` that docker/cli can't put a value in for. */
export function withheldUses(files: readonly ComposeFile[]): UserError[] {
  return files.flatMap(({ path, variables }) =>
    variables
      .filter(({ name }) => isWithheld(name))
      .map(({ name, line }) => {
        const remedy = `write the value itself, or ${name} alone under environment:`;
        return new UserError(`variable ${name} can't be used: it would steer the Docker CLI`, {
          place: { file: path, line },
          remedy,
        });
      }),
  );
}

/** Gives variables that services name without a value theirs from the app's env, as docker/cli does with the others. */
export function fillWithheld(compose: CanonicalCompose, env: Readonly<Record<string, string>>): void {
  const withheld = Object.entries(env).filter(([name]) => isWithheld(name));
  for (const { environment } of Object.values(compose.services ?? {})) {
    for (const [name, value] of withheld) {
      if (environment && Object.hasOwn(environment, name) && !environment[name]) environment[name] = value;
    }
  }
}
