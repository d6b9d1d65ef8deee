import { randomInt } from "node:crypto";
import { UserError } from "../../lib/errors.ts";
import { present } from "../../lib/present.ts";
import type { SecretGeneration, SecretSpec } from "../app-spec.ts";
import { WORDS } from "./passphrase-words.ts";

const ALPHANUMERIC = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const SPECIAL = "!@#$%^&*_-+=";
const SAFE_SPECIAL = "!@#%^&*_-+=";

/** abra's charsets; any other word means `default` to it. */
const CHARSETS: Record<string, string> = {
  default: ALPHANUMERIC,
  special: SPECIAL,
  safespecial: SAFE_SPECIAL,
  "default,special": ALPHANUMERIC + SPECIAL,
  "default,safespecial": ALPHANUMERIC + SAFE_SPECIAL,
};

/** Words of a passphrase: 8 of 256 are 64 bits. */
const PASSPHRASE_WORDS = 8;

/** A warning for a charset that abra does not know and silently replaces; undefined for one it knows. */
export function charsetWarning({ charset }: Pick<SecretGeneration, "charset">): string | undefined {
  if (charset === undefined || Object.hasOwn(CHARSETS, charset)) return undefined;
  return `charset "${charset}" is unknown to abra, which takes default`;
}

/** A length in a comment of `.env.sample`, as abra reads it (Go's `strconv.Atoi`); undefined for what is no number. */
export function lengthOf(text: string): number | undefined {
  return /^[+-]?\d{1,18}$/.test(text) ? Number(text) : undefined;
}

/** A warning for a length that abra takes for none; undefined for any other, and for none. */
export function lengthWarning(length: number | undefined): string | undefined {
  if (length === undefined || charactersOf({ length }) !== undefined) return undefined;
  return `length=${length} is none to abra, which makes a passphrase of words`;
}

/** How many characters a value has; undefined for a passphrase, whose length nobody says. */
export function charactersOf({ length }: Pick<SecretGeneration, "length">): number | undefined {
  return length !== undefined && length > 0 ? length : undefined;
}

/** Variable of recipe-ci's own environment that gives a secret's value: `RECIPE_CI_SECRET_` and its key in upper case. */
export function secretVariable(key: string): string {
  return `RECIPE_CI_SECRET_${key.toUpperCase().replaceAll(/[^A-Z0-9]+/g, "_")}`;
}

/** The mistake of a secret that is neither generated nor given: it says how to give it. */
export function missingValue({ key, generate }: SecretSpec): UserError {
  return new UserError(`secret ${key} has no value, and generate=false`, {
    place: { file: ".env.sample", key: generate.versionVariable },
    remedy: `set ${secretVariable(key)}, or secrets.${key} in the recipe's ci.ts`,
  });
}

/**
 * A fresh random value as `abra app secret generate` makes it: `length` characters of the charset, or without a
 * length above 0 a passphrase of eight words (64 bits). Special characters, up to half of it, are each in there: an
 * app that stumbles over one of them does so in every run, and not for some of its operators.
 * @throws UserError where the recipe says `generate=false`
 */
export function generateSecret(spec: SecretSpec): string {
  const { enabled, charset } = spec.generate;
  if (!enabled) throw missingValue(spec);
  const length = charactersOf(spec.generate);
  if (length === undefined) return pick(WORDS, PASSPHRASE_WORDS).join("-");
  const characters = [...(CHARSETS[charset ?? "default"] ?? ALPHANUMERIC)];
  const special = shuffled(characters.filter((one) => !ALPHANUMERIC.includes(one))).slice(0, length >> 1);
  return shuffled([...special, ...pick(characters, length - special.length)]).join("");
}

function pick(from: readonly string[], count: number): string[] {
  return Array.from({ length: count }, () => present(from[randomInt(from.length)], "a character or word"));
}

/** In an order of chance (Fisher and Yates). */
function shuffled(items: readonly string[]): string[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [order[last], order[other]] = [present(order[other], "an item"), present(order[last], "an item")];
  }
  return order;
}
