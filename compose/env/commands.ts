import { UserError, UserErrors } from "../../lib/errors.ts";
import { meant } from "../../lib/nearest.ts";
import type { AppCommand, AppCommands } from "../app-spec.ts";
import { type AppEnv, textFile } from "./app-env.ts";

/** Settings of an app's `.env` that name what abra calls. */
export const AFTER_DEPLOY = "POST_DEPLOY_CMDS";
export const AFTER_UPGRADE = "POST_UPGRADE_CMDS";

/**
 * What abra calls once an app is deployed or upgraded: `SERVICE FUNCTION ARGUMENTS`, several with `|` between them
 * (abra, cli/internal, PostCmds). Undefined where the app has it call nothing.
 * @throws UserErrors for what abra stops at, once the app is deployed
 */
export async function appCommands(
  checkout: string,
  { env, origins }: Pick<AppEnv, "env" | "origins">,
  services: readonly string[],
): Promise<AppCommands | undefined> {
  const said = [AFTER_DEPLOY, AFTER_UPGRADE].map((key) => ({ key, commands: commandsIn(env[key]) }));
  if (said.every(({ commands }) => commands.length === 0)) return undefined;
  const script = (await textFile(checkout, "abra.sh")) ?? "";
  const errors = said.flatMap(({ key, commands }) =>
    commands.flatMap((command) => {
      const { message, remedy } = mistake(command, services, script) ?? {};
      return message ? [new UserError(`${key}: ${message}`, { place: origins.get(key), remedy })] : [];
    }),
  );
  if (errors.length > 0) throw new UserErrors(errors);
  const [afterDeploy = [], afterUpgrade = []] = said.map(({ commands }) => commands);
  return { afterDeploy, afterUpgrade, script };
}

function commandsIn(value = ""): AppCommand[] {
  if (value.trim() === "") return [];
  return value.split("|").map((one) => {
    const [service = "", ...call] = one.trim().split(" ");
    return { service, call: call.join(" ") };
  });
}

function mistake(
  { service, call }: AppCommand,
  services: readonly string[],
  script: string,
): { message: string; remedy: string } | undefined {
  const [name = ""] = call.split(" ");
  if (name === "") {
    const remedy = 'write "SERVICE FUNCTION ARGUMENTS", several with | between them';
    return { message: `abra stops at ${JSON.stringify(service)}, which names no function`, remedy };
  }
  if (!services.includes(service)) {
    const remedy = meant(service, services, `the app has ${services.join(", ")}`);
    return { message: `the app has no service "${service}"`, remedy };
  }
  // abra looks for the name anywhere in the file.
  if (script.includes(name)) return undefined;
  const functions = [...script.matchAll(/^\s*(?:function\s+)?([\w-]+)\s*\(\)/gm)].map(([, found = ""]) => found);
  const otherwise = functions.length > 0 ? `it has ${functions.join(", ")}` : `write ${name}() { … } there`;
  return { message: `abra.sh has no function ${name}`, remedy: meant(name, functions, otherwise) };
}
