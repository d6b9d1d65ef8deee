import { readFileSync, writeFileSync } from "node:fs";
import { projectPath } from "../lib/project.ts";

const SALT = /^encryptionsalt: .*\n?/m;

/**
 * Runs `work` on a stack whose settings are part of the checkout, and leaves that file as it should be committed.
 * Pulumi notes there with which salt it encrypts secrets; with a passphrase of another machine that salt is wrong,
 * and without one Pulumi takes a new salt for the settings and reads the old one from the state.
 */
export async function withCleanSettings<T>(name: string, work: () => Promise<T>): Promise<T> {
  removeSalt(name);
  try {
    return await work();
  } finally {
    removeSalt(name);
  }
}

function removeSalt(name: string): void {
  const text = read(name);
  if (text && SALT.test(text)) writeFileSync(file(name), text.replace(SALT, ""));
}

function read(name: string): string | undefined {
  try {
    return readFileSync(file(name), "utf8");
  } catch {
    return undefined;
  }
}

function file(name: string): string {
  return projectPath(`Pulumi.${name}.yaml`);
}
