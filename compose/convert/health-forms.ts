import type { ServiceSpec } from "../app-spec.ts";
import type { Doubt } from "./doubt.ts";

/** Options behind which a program has code of its own language, with variables of that. */
const CODE = /^(-[cer]|--(eval|command|run))$/;
/** How the engine runs a test (moby daemon/health.go: getProbe). */
const FORMS: readonly string[] = ["CMD", "CMD-SHELL", "NONE"];
/** Words that only a shell takes for more than an argument. */
const OPERATORS: readonly string[] = ["||", "&&", "|", ";", ">", "2>", "2>&1", ">/dev/null", "2>/dev/null"];

/**
 * Tests of health that run otherwise than they read. A text is CMD-SHELL to docker/cli; of a list the first item says
 * how the rest is run, and without such a word nothing is ever run: the task stays `starting` for ever.
 */
export function healthDoubts(services: readonly ServiceSpec[]): Doubt[] {
  return services.flatMap(({ key, healthcheck }) => {
    const wrong = wrongForm(healthcheck?.test ?? []);
    if (!wrong) return [];
    const path = ["services", key, "healthcheck", "test"];
    return [{ kind: "health" as const, path, ...wrong, message: `service ${key}: ${wrong.message}` }];
  });
}

function wrongForm([form = "NONE", first = "", ...rest]: readonly string[]):
  | Pick<Doubt, "message" | "remedy" | "fails">
  | undefined {
  if (!FORMS.includes(form)) {
    const message = `its test begins with "${form}", and docker runs a list that begins with CMD or CMD-SHELL alone`;
    return { message, remedy: "write CMD before the program", fails: true };
  }
  if (form === "CMD-SHELL" && rest.length > 0) {
    const message = `of its test the shell runs "${first}" alone: of CMD-SHELL one text is the command`;
    return { message, remedy: "write the whole command as one text, or CMD before the program" };
  }
  if (form !== "CMD") return undefined;
  if (isCommandLine(first)) {
    const message = `its test names a program "${first}": CMD takes no command line`;
    return { message, remedy: "write CMD-SHELL before a command line", fails: true };
  }
  if ([first, ...rest].some(isShell) || rest.some((word) => CODE.test(word))) return undefined;
  const operator = rest.find((word) => OPERATORS.includes(word));
  if (operator !== undefined) {
    const message = `its test gives "${operator}" to ${first} as an argument: CMD runs no shell`;
    return { message, remedy: "write the whole command as one text after CMD-SHELL" };
  }
  const variable = rest.find((word) => /\$(?:\{?[A-Za-z_]\w*|\()/.test(word));
  if (variable === undefined) return undefined;
  const message = `its test gives "${variable}" to ${first} as it is: CMD puts no variable in`;
  return { message, remedy: "write the whole command as one text after CMD-SHELL" };
}

/** A path may have a blank in it, but hardly an option, an address or a pipe. */
function isCommandLine(program: string): boolean {
  return /^[\w./-]+\s+\S/.test(program) && (!program.startsWith("/") || /\s(?:-|[|&]|\S*:\/\/)/.test(program));
}

function isShell(program: string): boolean {
  return /(?:^|\/)(?:ba|da|a|z|k)?sh$/.test(program);
}
