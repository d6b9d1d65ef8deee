import { InfraError } from "../lib/errors.ts";
import { type ApiAccess, ENDPOINT } from "../nodes/hetzner/api.ts";
import { runStack } from "../nodes/local-stack.ts";
import { capturePulumi } from "../pulumi/pulumi-cli.ts";
import { withOwnSalt } from "../pulumi/salt.ts";
import { secretSettings, stackConfig } from "../pulumi/stack-file.ts";
import { readyPulumi } from "./node.ts";
import { ProgressPrinter } from "./progress.ts";

const TOKEN_KEY = "recipe-ci:token";

/**
 * The project at Hetzner that a stack's settings open, else the environment: `HCLOUD_TOKEN`, and `HCLOUD_ENDPOINT` where
 * it is not Hetzner's own address, as Hetzner's own programs read them. Undefined where neither has a token.
 */
export async function hetznerAccess(stack = runStack()): Promise<ApiAccess | undefined> {
  const token = (await tokenOf(stack)) ?? process.env.HCLOUD_TOKEN;
  const endpoint = stackConfig(stack).endpoint ?? process.env.HCLOUD_ENDPOINT ?? ENDPOINT;
  return token ? { token, endpoint: endpoint.replace(/\/+$/, "") } : undefined;
}

async function tokenOf(stack: string): Promise<string | undefined> {
  if (!(TOKEN_KEY in secretSettings(stack).config)) return stackConfig(stack).token;
  const pulumi = await readyPulumi(new ProgressPrinter());
  const args = ["config", "get", TOKEN_KEY, "-s", stack, "--non-interactive"];
  const { code, stdout, stderr } = await withOwnSalt(stack, () => capturePulumi(args, pulumi));
  if (code === 0) return stdout.trim();
  throw new InfraError(`the token of stack ${stack} can't be read: ${stderr.trim()}`);
}
