/**
 * What must be there by now, where the compiler can't know it.
 * @throws Error when it is not: a defect of ours, which must not go on as an empty text
 */
export function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`${what} is not there`);
  return value;
}
