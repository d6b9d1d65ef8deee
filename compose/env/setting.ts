import type { ErrorPlace } from "../../lib/errors.ts";

/** A variable that someone sets, and where. */
export interface Setting {
  key: string;
  value: string;
  place: ErrorPlace;
}
