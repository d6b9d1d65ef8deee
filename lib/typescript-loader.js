// For `pulumi up` by any Node that package.json names: Pulumi.yaml has it loaded before the program. Where Node reads
// TypeScript by itself it does nothing.
import { typescriptNode, withoutNode } from "./launch.js";

if (!process.features.typescript) {
  const { register } = await import("tsx/esm/api");
  register();
  // The program makes commands that run TypeScript by this path, in processes that know no loader.
  const node = typescriptNode();
  if (!node) throw new Error(withoutNode());
  process.execPath = node;
}
