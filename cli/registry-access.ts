import { LOGINS_KEY, LOGINS_VARIABLE, refusePlain } from "../images/registry-logins.ts";
import { runStack } from "../nodes/local-stack.ts";
import { stackConfig } from "../pulumi/stack-file.ts";
import { secretSetting } from "./secret-setting.ts";

/**
 * Puts the registry logins of the node that runs go to into this process's environment, for all that it starts. What is
 * there already stays.
 *
 * @throws UserError where they are no secret; InfraError where they can't be read
 */
export async function takeRegistryLogins(): Promise<void> {
  if (process.env[LOGINS_VARIABLE]) return;
  const stack = runStack();
  refusePlain(stackConfig(stack)[LOGINS_KEY]);
  const logins = await secretSetting(stack, LOGINS_KEY);
  if (logins !== undefined) process.env[LOGINS_VARIABLE] = logins;
}
