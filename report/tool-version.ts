import { readFileSync } from "node:fs";
import { projectPath } from "../lib/project.ts";

/** recipe-ci's own version, from its package.json. */
export function toolVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(projectPath("package.json"), "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) return String(manifest.version);
  return "unknown";
}
