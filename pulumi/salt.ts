import { createDecipheriv, pbkdf2 } from "node:crypto";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { UserError } from "../lib/errors.ts";
import { replaceFile } from "../lib/replace-file.ts";
import { backendEnv } from "./backend.ts";
import { stackFile } from "./stack-file.ts";

const SALT = /^encryptionsalt: *(\S+) *\n?/m;
const SECRET_VALUE = /^\s+(?:- )?secure: /m;

/** Pulumi's own numbers for a key made from a passphrase (pulumi/pulumi sdk/go/common/resource/config/crypt.go). */
const KEY = { iterations: 1_000_000, bytes: 32, digest: "sha256" };
const TAG_BYTES = 16;

/**
 * Runs `work` on a stack of this checkout without its settings remembering with which passphrase.
 *
 * Pulumi notes in `Pulumi.<stack>.yaml` a salt that goes with one passphrase, and refuses any other from then on. But
 * the file is shared by all who use Pulumi in this folder, with this project's state and passphrase or with their own.
 * So a salt of another passphrase is set aside meanwhile, and ours is taken out afterwards; Pulumi has it in the
 * state as well. Only a file with secrets in it keeps its salt: nobody could read them otherwise.
 *
 * @throws UserError when the settings hold secrets that this passphrase can't read
 */
export async function withOwnSalt<T>(stack: string, work: () => Promise<T>): Promise<T> {
  const file = stackFile(stack);
  const before = read(file);
  const salt = SALT.exec(before)?.[1];
  const foreign = salt !== undefined && !(await isOurs(salt)) ? salt : undefined;
  if (foreign) {
    if (SECRET_VALUE.test(before)) throw unreadable(file);
    replaceFile(file, before.replace(SALT, ""));
  }
  try {
    return await work();
  } finally {
    leave(file, foreign);
  }
}

/** The file without our salt, and with that of others back in its place. */
function leave(file: string, foreign: string | undefined): void {
  const now = read(file);
  if (now === "" && !foreign) return;
  const keepsOurs = SALT.test(now) && SECRET_VALUE.test(now);
  const clean = keepsOurs ? now : `${foreign ? `encryptionsalt: ${foreign}\n` : ""}${now.replace(SALT, "")}`;
  if (clean !== now) replaceFile(file, clean);
}

/** Whether a salt, `v1:SALT:v1:NONCE:TEXT`, goes with the passphrase that is in use here: its text is then `pulumi`. */
export async function isOurs(state: string): Promise<boolean> {
  const [, salt = "", , nonce = "", text = ""] = state.split(":");
  const sealed = Buffer.from(text, "base64");
  const key = await promisify(pbkdf2)(passphrase(), Buffer.from(salt, "base64"), KEY.iterations, KEY.bytes, KEY.digest);
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    const plain = Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
    return plain.toString() === "pulumi";
  } catch {
    return false;
  }
}

function passphrase(): string {
  const { PULUMI_CONFIG_PASSPHRASE: phrase, PULUMI_CONFIG_PASSPHRASE_FILE: file = "" } = backendEnv();
  return phrase ?? readFileSync(file, "utf8").trim();
}

function unreadable(file: string): UserError {
  return new UserError("its secrets were encrypted with another passphrase", {
    place: { file },
    remedy: "set PULUMI_CONFIG_PASSPHRASE to that one, or remove the `secure:` values and set them anew",
  });
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
