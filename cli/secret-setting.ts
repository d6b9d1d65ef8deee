import { InfraError } from "../lib/errors.ts";
import { capturePulumi } from "../pulumi/pulumi-cli.ts";
import { withOwnSalt } from "../pulumi/salt.ts";
import { refusePlain, secretSettings } from "../pulumi/stack-file.ts";
import { readyPulumi } from "./node.ts";
import { ProgressPrinter } from "./progress.ts";

/**
 * A secret value of a stack's settings, which Pulumi alone can read; undefined where it has none.
 *
 * @param key without the prefix
 * @throws UserError where it lies there for everybody to read; InfraError where it can't be read
 */
export async function secretSetting(stack: string, key: string): Promise<string | undefined> {
  const name = `recipe-ci:${key}`;
  refusePlain(stack, key);
  if (!(name in secretSettings(stack).config)) return undefined;
  const pulumi = await readyPulumi(new ProgressPrinter());
  const args = ["config", "get", name, "-s", stack, "--non-interactive"];
  const { code, stdout, stderr } = await withOwnSalt(stack, () => capturePulumi(args, pulumi));
  if (code === 0) return stdout.trim();
  throw new InfraError(`the ${key} of stack ${stack} can't be read: ${stderr.trim()}`);
}
