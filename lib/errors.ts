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
    super(errors.map(describe).join("\n"));
    this.errors = errors;
  }
}

/** The machinery or the network failed, not the recipe. Exit code 3. */
export class InfraError extends Error {
  override readonly name = "InfraError";
  readonly remedy?: string;

  constructor(message: string, options: { remedy?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.remedy = options.remedy;
  }
}

/** One paragraph for a person: place, message, remedy. Never a stack trace for the classes above. */
export function describe(error: unknown): string {
  if (error instanceof UserErrors) return error.message;
  if (error instanceof UserError) return `${placePrefix(error.place)}${error.message}${remedySuffix(error.remedy)}`;
  if (error instanceof InfraError) return `${error.message}${remedySuffix(error.remedy)}`;
  return error instanceof Error ? error.message : String(error);
}

function placePrefix(place: ErrorPlace | undefined): string {
  if (!place) return "";
  const file = place.file ? `${place.file}${place.line ? `:${place.line}` : ""}` : "";
  const parts = [file, place.key].filter(Boolean);
  return parts.length ? `${parts.join(" ")}: ` : "";
}

function remedySuffix(remedy: string | undefined): string {
  return remedy ? `\n  remedy: ${remedy}` : "";
}
