import { type ErrorPlace, UserError } from "../../lib/errors.ts";

/**
 * Longest value and longest env of an app, in bytes. The Docker CLI gets the variables as its environment, and so
 * does service `app`. Linux starts no program with a string over 128 KiB there, nor with more than a quarter of the
 * stack's limit (2 MiB by default) of it and its arguments; both bounds leave room for what else is in it.
 */
export const VALUE_LIMIT = 64 << 10;
export const ENV_LIMIT = 256 << 10;

/** Bytes of a variable beside its name and value: `=`, the NUL at its end, and the pointer to it. */
const OVERHEAD = 10;

/** Values as they are made, one after the other: none may be too long, nor all of them together. */
export class EnvBudget {
  private used = 0;

  /** The error for a variable that no program could be started with, alone or beside all before it. */
  spend(key: string, value: string, place: ErrorPlace): UserError | undefined {
    const bytes = Buffer.byteLength(value);
    if (bytes > VALUE_LIMIT) return tooLong(key, place);
    this.used += Buffer.byteLength(key) + bytes + OVERHEAD;
    if (this.used <= ENV_LIMIT) return undefined;
    return new UserError(`all values up to ${key} have more than ${ENV_LIMIT >> 10} KiB`, { place, remedy: REMEDY });
  }
}

/** The error for one value over the limit. */
export function tooLong(key: string, place: ErrorPlace): UserError {
  return new UserError(`the value of ${key} is longer than ${VALUE_LIMIT >> 10} KiB`, { place, remedy: REMEDY });
}

const REMEDY = "no program starts with so much in its environment: put long texts into a config";
