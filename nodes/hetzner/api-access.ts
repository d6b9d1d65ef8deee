import { type ApiAccess, ENDPOINT } from "./api.ts";

/**
 * The project that the environment opens: `HCLOUD_TOKEN`, and `HCLOUD_ENDPOINT` where it is not Hetzner's own address,
 * as Hetzner's own programs read them. Undefined without a token.
 */
export function apiAccess(env: NodeJS.ProcessEnv = process.env): ApiAccess | undefined {
  const { HCLOUD_TOKEN: token, HCLOUD_ENDPOINT: endpoint = ENDPOINT } = env;
  return token ? { token, endpoint: endpoint.replace(/\/+$/, "") } : undefined;
}
