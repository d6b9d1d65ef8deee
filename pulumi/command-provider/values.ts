/** Property values as they cross the provider protocol: JSON, with secrets, assets and archives as marked objects. */
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
export type Properties = Record<string, Value>;

/** Key and values of Pulumi's markers (pulumi/pulumi sdk/go/common/resource/sig). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const ASSET = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";

/** What stands for a string that isn't known before the update (sdk/go/common/resource/plugin: UnknownStringValue). */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** All such stand-ins: bool, number, string, array, asset, archive, object. */
const UNKNOWNS: ReadonlySet<Value> = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  UNKNOWN,
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

type ObjectValue = { [key: string]: Value };

function isObject(value: Value | undefined): value is ObjectValue {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSecret(value: Value): value is { value: Value } {
  return isObject(value) && value[SIGNATURE] === SECRET;
}

export function isAsset(value: Value | undefined): value is ObjectValue {
  return isObject(value) && value[SIGNATURE] === ASSET;
}

export function isArchive(value: Value | undefined): value is ObjectValue {
  return isObject(value) && value[SIGNATURE] === ARCHIVE;
}

export function isUnknown(value: Value | undefined): boolean {
  return typeof value === "string" && UNKNOWNS.has(value);
}

/** A value marked as secret. */
export function secret(value: Value): Value {
  return { [SIGNATURE]: SECRET, value };
}

/** The value with all secret marks taken off, at any depth. */
export function reveal(value: Value): Value {
  if (isSecret(value)) return reveal(value.value);
  if (Array.isArray(value)) return value.map(reveal);
  if (isObject(value)) return revealAll(value);
  return value;
}

export function revealAll(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, reveal(value)]));
}

/** Whether anything in the value, at any depth, satisfies the test. Secrets are looked into. */
function some(value: Value, test: (value: Value) => boolean): boolean {
  if (test(value)) return true;
  if (Array.isArray(value)) return value.some((item) => some(item, test));
  return isObject(value) && Object.values(value).some((item) => some(item, test));
}

export const hasSecret = (value: Value): boolean => some(value, isSecret);

/** Every string inside a secret, at any depth. */
export function secretStrings(value: Value, inSecret = false): string[] {
  if (isSecret(value)) return secretStrings(value.value, true);
  if (typeof value === "string") return inSecret ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((item) => secretStrings(item, inSecret));
  if (isObject(value)) return Object.values(value).flatMap((item) => secretStrings(item, inSecret));
  return [];
}

/** Equality of revealed values. Assets and archives with a hash are equal when their hashes are, wherever they lie. */
export function equal(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => equal(item, b[i]));
  if (!isObject(a) || !isObject(b)) return false;
  if (a[SIGNATURE] !== b[SIGNATURE]) return false;
  if ((isAsset(a) || isArchive(a)) && a.hash && b.hash) return a.hash === b.hash;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => equal(a[key], b[key]));
}
