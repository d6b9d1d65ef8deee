import { isScalar } from "yaml";

/** `<<` without quotes, which the parser gives as a symbol. */
export function isMerge(key: unknown): boolean {
  return isScalar(key) && typeof key.value === "symbol" && key.value.description === "<<";
}
