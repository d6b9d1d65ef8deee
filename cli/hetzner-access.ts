import { type ApiAccess, ENDPOINT } from "../nodes/hetzner/api.ts";
import { runStack } from "../nodes/local-stack.ts";
import { stackConfig } from "../pulumi/stack-file.ts";
import { secretSetting } from "./secret-setting.ts";

/**
 * The project at Hetzner that a stack's settings open, else the environment: `HCLOUD_TOKEN`, and `HCLOUD_ENDPOINT` where
 * it is not Hetzner's own address, as Hetzner's own programs read them. Undefined where neither has a token.
 */
export async function hetznerAccess(stack = runStack()): Promise<ApiAccess | undefined> {
  const token = (await secretSetting(stack, "token")) ?? process.env.HCLOUD_TOKEN;
  const endpoint = stackConfig(stack).endpoint ?? process.env.HCLOUD_ENDPOINT ?? ENDPOINT;
  return token ? { token, endpoint: endpoint.replace(/\/+$/, "") } : undefined;
}
