import { STORE, STORE_KEYS } from "../checks/backup/store.ts";
import { LOGINS_KEY, LOGINS_VARIABLE } from "../images/registry-logins.ts";
import { runStack } from "../nodes/local-stack.ts";
import { refusePlain, stackConfig } from "../pulumi/stack-file.ts";
import { secretSetting } from "./secret-setting.ts";

/**
 * Puts what a run may use beside its node into this process's environment, for all that it starts: registry logins, and
 * the store of backups. Both are settings of the node that runs go to; what the environment has already stays.
 *
 * @throws UserError where a secret is none; InfraError where one can't be read
 */
export async function takeNodeSecrets(): Promise<void> {
  const stack = runStack();
  const store = stackConfig(stack)[STORE.key];
  if (store !== undefined) process.env[STORE.variable] ??= store;
  for (const { key, variable } of [{ key: LOGINS_KEY, variable: LOGINS_VARIABLE }, STORE_KEYS]) {
    refusePlain(stack, key);
    // Pulumi alone reads a secret, and takes a second to start: not for what nobody uses.
    const value = process.env[variable] ? undefined : await secretSetting(stack, key);
    if (value !== undefined) process.env[variable] = value;
  }
}
