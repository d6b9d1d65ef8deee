import type { Owner } from "../lib/owner.ts";

/** A check's assertion does not hold: its owner is the recipe, unless said otherwise. */
export class CheckFailure extends Error {
  override readonly name = "CheckFailure";
  readonly details?: Record<string, unknown>;
  readonly owner: Owner;

  constructor(message: string, options: { details?: Record<string, unknown>; owner?: Owner } = {}) {
    super(message);
    this.details = options.details;
    this.owner = options.owner ?? "recipe";
  }
}
