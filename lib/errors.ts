import type { Owner } from "./owner.ts";
import { abridge, plainText } from "./plain-text.ts";

/** Where in the user's files an error comes from. */
export interface ErrorPlace {
  file?: string;
  line?: number;
  key?: string;
}

/**
 * A mistake in what the user gave (a recipe, a flag, a config value). Printed without a stack trace; exit code 2.
 * `remedy` is one sentence that says what to do.
 */
export class UserError extends Error {
  override readonly name = "UserError";
  readonly remedy?: string;
  readonly place?: ErrorPlace;

  constructor(message: string, options: { remedy?: string; place?: ErrorPlace; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.remedy = options.remedy;
    this.place = options.place;
  }
}

/** Several mistakes found in one pass, shown together. Exit code 2. */
export class UserErrors extends Error {
  override readonly name = "UserErrors";
  readonly errors: readonly UserError[];

  constructor(errors: readonly UserError[]) {
    super(describeAll(errors));
    this.errors = errors;
  }
}

/** The machinery or the network failed, not the recipe. Exit code 3. */
export class InfraError extends Error {
  override readonly name = "InfraError";
  readonly owner = "infra" satisfies Owner;
  readonly remedy?: string;
  /** File with everything else that was said. */
  readonly log?: string;

  constructor(message: string, options: { remedy?: string; log?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.remedy = options.remedy;
    this.log = options.log;
  }
}

/** Most mistakes that are shown of one pass. */
const SHOWN = 100;
/** Most characters of one part of what is shown: a place, a message, a remedy. */
const PART = { place: 300, message: 2000, remedy: 1000 };

/**
 * One paragraph for a person: place, message, remedy. Never a stack trace for the classes above. Foreign text in it,
 * such as a recipe's names, can't move the cursor or fill the screen.
 */
export function describe(error: unknown): string {
  if (error instanceof UserErrors) return error.message;
  if (error instanceof UserError) return `${placePrefix(error.place)}${paragraph(error)}`;
  if (error instanceof InfraError) return paragraph(error);
  return shown(messageOf(error), PART.message);
}

/** What was thrown, in its own words alone. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The same with the kind of error it is, as a programmer wants it: `TypeError: x is undefined`. */
export function thrownWords(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** The mistakes of the user in what was thrown; anything else is thrown on. */
export function userErrors(error: unknown): readonly UserError[] {
  if (error instanceof UserErrors) return error.errors;
  if (error instanceof UserError) return [error];
  throw error;
}

/**
 * The values of all parts, in their order. Every part is tried, whatever becomes of the others.
 * @throws UserErrors with the mistakes of all parts that failed; what else failed goes before
 */
export async function together<T extends readonly unknown[]>(
  parts: {
    readonly [K in keyof T]: () => T[K] | Promise<T[K]>;
  },
): Promise<T> {
  const results = await Promise.allSettled(parts.map(async (part) => part()));
  const errors = results.flatMap((result) => (result.status === "rejected" ? userErrors(result.reason) : []));
  if (errors.length > 0) throw new UserErrors(errors);
  return results.map((result) => (result.status === "fulfilled" ? result.value : undefined)) as unknown as T;
}

/** {@link together} of parts that have names: the value of each under its own. */
export async function togetherBy<T extends object>(
  parts: {
    readonly [K in keyof T]: () => T[K] | Promise<T[K]>;
  },
): Promise<T> {
  const keys = Object.keys(parts) as (keyof T)[];
  const values = await together(keys.map((key) => parts[key]));
  return Object.fromEntries(keys.map((key, index) => [key, values[index]])) as T;
}

/** The same mistake found twice, as in a file that is named twice, is shown once. */
function describeAll(errors: readonly UserError[]): string {
  const all = [...new Set(errors.map(describe))];
  const more = all.length > SHOWN ? [`and ${all.length - SHOWN} more`] : [];
  return [...all.slice(0, SHOWN), ...more].join("\n");
}

function paragraph({ message, remedy, log }: { message: string; remedy?: string; log?: string }): string {
  const more = [
    remedy && `remedy: ${shown(remedy, PART.remedy)}`,
    log && `everything it said: ${shown(log, PART.place)}`,
  ];
  return [shown(message, PART.message), ...more.filter(Boolean)].join("\n  ");
}

function placePrefix(place: ErrorPlace | undefined): string {
  if (!place) return "";
  const file = place.file ? `${place.file}${place.line ? `:${place.line}` : ""}` : "";
  const parts = [file, place.key].filter(Boolean).join(" ");
  // A line end in a name would let a recipe write a line of its own.
  return parts ? `${shown(parts, PART.place).replaceAll("\n", "␊")}: ` : "";
}

function shown(text: string, limit: number): string {
  return abridge(plainText(text), limit);
}
