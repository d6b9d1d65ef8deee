import { randomInt } from "node:crypto";
import { UserError, UserErrors } from "../lib/errors.ts";
import { SECRET_NAME_LIMIT } from "../lib/names.ts";
import type { SecretGeneration, SecretSpec, ServiceSpec } from "./app-spec.ts";
import type { CanonicalCompose } from "./canonical.ts";
import { asRecord, type ComposeFile } from "./compose-files.ts";
import { byKey } from "./convert-names.ts";
import type { EnvEntry } from "./env.ts";
import { usesIn } from "./variables.ts";
import { WORDS } from "./words.ts";

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
/** Longest secret Swarm takes, in bytes (swarmkit, manager/controlapi/secret.go). */
const SECRET_LIMIT = 500 * 1024;

/**
 * Every secret that a service uses, and how its value is made. The version variable is the last variable of the
 * secret's `name:`; its comment in `.env.sample` says length, charset and whether to generate at all.
 * @throws UserErrors for names Swarm or abra refuses, and for secrets that are not `external`
 */
export function secretSpecs(
  compose: CanonicalCompose,
  services: readonly ServiceSpec[],
  files: readonly ComposeFile[],
  sample: readonly EnvEntry[],
): SecretSpec[] {
  const used = new Map(services.flatMap((service) => service.secrets.map(({ key, name }) => [key, name] as const)));
  const errors: UserError[] = [];
  const specs = [...used].sort(byKey).map(([key, name]) => {
    const place = { key: `secrets.${key}`, file: files.findLast((file) => topLevel(file, key) !== undefined)?.path };
    errors.push(...assertName(name, place));
    if (!compose.secrets?.[key]?.external) {
      errors.push(new UserError("is not external", { place, remedy: "abra makes secrets itself: add external: true" }));
    }
    return { key, name, labels: {}, generate: generation(versionVariable(files, key), sample) };
  });
  if (errors.length > 0) throw new UserErrors(errors);
  return specs;
}

/** A warning for each secret whose charset abra does not know and silently replaces. */
export function charsetWarnings(secrets: readonly SecretSpec[]): string[] {
  return secrets
    .filter(({ generate }) => generate.charset !== undefined && !Object.hasOwn(CHARSETS, generate.charset))
    .map(({ key, generate }) => `secret ${key}: charset "${generate.charset}" is unknown to abra, which takes default`);
}

/**
 * A fresh random value as `abra app secret generate` makes it: `length` characters of the charset, or without a
 * length a passphrase of eight words (64 bits).
 * @throws UserError where the recipe says `generate=false`
 */
export function generateSecret(spec: SecretSpec): string {
  const { enabled, length, charset } = spec.generate;
  if (!enabled) {
    throw new UserError(`secret "${spec.key}" is not generated (generate=false)`, {
      place: { file: ".env.sample", key: spec.generate.versionVariable },
      remedy: `give a value for "${spec.key}" in the recipe's ci.ts`,
    });
  }
  if (length === undefined) return pick(WORDS, PASSPHRASE_WORDS).join("-");
  return pick([...(CHARSETS[charset ?? "default"] ?? ALPHANUMERIC)], length).join("");
}

function pick(from: readonly string[], count: number): string[] {
  return Array.from({ length: count }, () => from[randomInt(from.length)] ?? "");
}

function generation(variable: string | undefined, sample: readonly EnvEntry[]): SecretGeneration {
  const entry = sample.findLast(({ key }) => key === variable);
  const { length, charset, generate } = entry?.modifiers ?? {};
  if (length !== undefined && !(/^\d{1,6}$/.test(length) && Number(length) > 0 && Number(length) <= SECRET_LIMIT)) {
    throw new UserError(`length=${length} is no number of characters`, {
      place: { file: ".env.sample", line: entry?.line, key: variable },
      remedy: "write e.g. # length=32",
    });
  }
  return {
    enabled: generate !== "false",
    length: length === undefined ? undefined : Number(length),
    charset,
    versionVariable: variable,
  };
}

function assertName(name: string, place: { key: string; file?: string }): UserError[] {
  if (name.endsWith("_")) {
    return [new UserError(`name "${name}" ends in "_"`, { place, remedy: "its version variable is missing or empty" })];
  }
  if (name.length > SECRET_NAME_LIMIT) {
    const message = `name "${name}" has ${name.length} characters, Swarm takes ${SECRET_NAME_LIMIT}`;
    return [new UserError(message, { place, remedy: "shorten the secret's name" })];
  }
  return [];
}

function versionVariable(files: readonly ComposeFile[], key: string): string | undefined {
  const template = files.map((file) => topLevel(file, key)?.name).findLast((name) => typeof name === "string");
  return usesIn(String(template ?? ""))
    .map((use) => use.name)
    .findLast((name) => name !== "STACK_NAME");
}

function topLevel(file: ComposeFile, key: string): Record<string, unknown> | undefined {
  const secrets = asRecord(asRecord(file.raw).secrets);
  return Object.hasOwn(secrets, key) ? asRecord(secrets[key]) : undefined;
}
