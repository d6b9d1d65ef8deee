import { UserError, UserErrors } from "../lib/errors.ts";

/** The mistakes of a maintainer in what was thrown; anything else is thrown on. */
export function userErrors(error: unknown): readonly UserError[] {
  if (error instanceof UserErrors) return error.errors;
  if (error instanceof UserError) return [error];
  throw error;
}
