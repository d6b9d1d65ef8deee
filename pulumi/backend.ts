import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { home } from "../lib/home.ts";

/**
 * Where Pulumi keeps its state and what encrypts the secrets in it, as environment variables for a pulumi process.
 *
 * - `PULUMI_BACKEND_URL` as the user has set it, else a folder of this machine, `home("state")`, created here.
 * - `PULUMI_CONFIG_PASSPHRASE` or `PULUMI_CONFIG_PASSPHRASE_FILE` as the user has set it, else a random passphrase
 *   made once and kept in `home("passphrase")`, readable by its owner only. Losing that file loses the secrets.
 * - With which salt goes the passphrase is asked of the state where a stack's settings don't say, see pulumi/salt.ts.
 */
export function backendEnv(): Record<string, string> {
  return {
    PULUMI_BACKEND_URL: process.env.PULUMI_BACKEND_URL || localState(),
    PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
    ...passphraseEnv(),
  };
}

function localState(): string {
  const folder = home("state");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Each file of the state is replaced by a rename, but the file of attributes beside it is written in place: a kill
  // in that moment leaves it empty, and Pulumi then reads neither (gocloud.dev/blob/fileblob).
  return `${pathToFileURL(folder).href}?metadata=skip`;
}

function passphraseEnv(): Record<string, string> {
  const { PULUMI_CONFIG_PASSPHRASE: phrase, PULUMI_CONFIG_PASSPHRASE_FILE: file } = process.env;
  // An empty passphrase is a passphrase: Pulumi takes it as one.
  if (phrase !== undefined) return { PULUMI_CONFIG_PASSPHRASE: phrase };
  return { PULUMI_CONFIG_PASSPHRASE_FILE: file || keptPassphrase() };
}

function keptPassphrase(): string {
  const file = home("passphrase");
  const draft = `${file}.${process.pid}`;
  mkdirSync(home(), { recursive: true });
  writeFileSync(draft, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flag: "w" });
  try {
    // A link, unlike a rename, never replaces the passphrase that another process has just made.
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return file;
}
