import { createHash } from "node:crypto";
import { relative } from "node:path";
import { finalName } from "../compose/convert/scoped-names.ts";
import type { CanonicalCompose } from "../compose/files/canonical.ts";
import { fileBytes, isPointer } from "../compose/files/file-content.ts";
import { UserError } from "../lib/errors.ts";

/** A top-level config that comes from a file of the recipe. */
export interface ConfigFile {
  key: string;
  /** Final name in the Swarm. */
  name: string;
  /** Path within the recipe. */
  file: string;
  templateDriver?: string;
  /** Digest of the file's bytes, or why it has none. */
  content: string | UserError;
  /** The file is no content, but says where git LFS has it. Default false. */
  pointer?: boolean;
}

/** The configs of merged compose files that have a file, with what is in it. */
export async function configFiles(
  merged: CanonicalCompose,
  namespace: string,
  checkout: string,
): Promise<ConfigFile[]> {
  const configs: ConfigFile[] = [];
  const contents = new Map<string, Pick<ConfigFile, "content" | "pointer">>();
  for (const [key, config] of Object.entries(merged.configs ?? {})) {
    if (!config?.file || config.external) continue;
    const file = relative(checkout, config.file);
    const content = contents.get(file) ?? (await contentOf(checkout, file, key));
    contents.set(file, content);
    const name = finalName(config, key, namespace);
    configs.push({ key, name, file, templateDriver: config.template_driver, ...content });
  }
  return configs;
}

async function contentOf(
  checkout: string,
  file: string,
  key: string,
): Promise<Pick<ConfigFile, "content" | "pointer">> {
  try {
    const bytes = await fileBytes(checkout, file, "configs", { key: `configs.${key}` });
    return { content: createHash("sha256").update(bytes).digest("hex"), pointer: isPointer(bytes) };
  } catch (error) {
    if (error instanceof UserError) return { content: error };
    throw error;
  }
}
