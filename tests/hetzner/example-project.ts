import { projectPath } from "../../lib/project.ts";
import type { TestProject } from "../live/pulumi-project.ts";
import { TOKEN } from "./api-client.ts";
import type { Emulator } from "./emulator/emulator.ts";
import { EXAMPLE, type Example } from "./example-stack.ts";

/** Writes the example as a project's program, with what is different in it. */
export async function writeExample(
  project: TestProject,
  { endpoint }: Emulator,
  publicKey: string,
  different: Partial<Example> = {},
): Promise<void> {
  const example: Example = { ...EXAMPLE, endpoint, token: TOKEN, publicKey, ...different };
  const from = JSON.stringify(projectPath("tests/hetzner/example-stack.ts"));
  await project.write(
    `import { exampleStack } from ${from};\nexport default exampleStack(${JSON.stringify(example)});\n`,
  );
}
